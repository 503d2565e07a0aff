package io.contrastream.learning.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.GoldenLines;
import io.contrastream.learning.drift.Adwin.Cut;
import io.contrastream.learning.drift.Adwin.Window;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdwinTest {

    @Test
    void findsTheChangesThatRiverFindsAndKeepsItsWindow() throws IOException {
        String digits = "";
        for (String[] cells : GoldenLines.of("adwin.csv")) {
            digits = cells[7].isEmpty() ? digits : cells[7];
            boolean anew = Boolean.parseBoolean(cells[2]);
            Adwin adwin = new Adwin(Double.parseDouble(cells[1]));
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < digits.length(); i++) {
                if (adwin.add(digits.charAt(i) - '0').isPresent()) {
                    found.add(i);
                    if (anew) {
                        adwin.clear();
                    }
                }
            }

            String name = cells[0] + ", delta " + cells[1] + ", anew " + anew;
            assertThat(found).as(name).isEqualTo(numbers(cells[3]));
            assertThat(adwin.size()).as(name).isEqualTo(Long.parseLong(cells[4]));
            assertThat(adwin.window().sum()).as(name).isEqualTo(Double.parseDouble(cells[5]));
            assertThat(adwin.window().squares())
                    .as(name)
                    .isCloseTo(Double.parseDouble(cells[6]), within(1e-9 * (1 + adwin.size())));
        }
    }

    @Test
    void findsTheChangesOfErrorsThatRiverFinds() throws IOException {
        String digits = "";
        int changes = 0;
        for (String[] cells : GoldenLines.of("adwin.csv")) {
            digits = cells[7].isEmpty() ? digits : cells[7];
            if (!Boolean.parseBoolean(cells[2]) || digits.chars().anyMatch(digit -> digit > '1')) {
                continue;
            }
            ErrorDrift drift = new ErrorDrift(Double.parseDouble(cells[1]));
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < digits.length(); i++) {
                if (drift.add(digits.charAt(i) == '1', i + 1).isPresent()) {
                    found.add(i);
                }
            }
            assertThat(found).as(cells[0]).isEqualTo(numbers(cells[3]));
            assertThat(drift.rises() + drift.falls()).isEqualTo(found.size());
            changes += found.size();
        }
        assertThat(changes).isGreaterThan(20);
    }

    private static List<Integer> numbers(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(" ")).map(Integer::valueOf).toList();
    }

    private static double bit(long seed, int i, double mean) {
        return RandomStream.of(seed, Purpose.GENERATE, i, 0).nextDouble() < mean ? 1 : 0;
    }

    /** Section 4 and theorem 1 of the paper: 100,000 bits of one mean, at every step a change with a probability of at most delta. */
    @ParameterizedTest
    @CsvSource({"0.01, 0.002", "0.1, 0.002", "0.3, 0.002", "0.5, 0.002", "0.1, 0.01", "0.5, 0.01"})
    void falseAlarmsAreNoMoreThanDelta(double mean, double delta) {
        Adwin adwin = new Adwin(delta);
        int steps = 100_000;
        int alarms = 0;
        for (int i = 0; i < steps; i++) {
            alarms += adwin.add(bit(7, i, mean)).isPresent() ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo((int) (delta * steps));
        assertThat(adwin.mean()).isCloseTo(mean, within(0.02));
    }

    /** The paper's pictures of an abrupt change, from 0.8 to 0.4, and of a gradual one. */
    @Test
    void theWindowGrowsWhileNothingChangesAndShrinksWhenSomethingDoes() {
        Adwin abrupt = new Adwin(0.002);
        Optional<Cut> first = Optional.empty();
        for (int i = 0; i < 2000; i++) {
            Optional<Cut> cut = abrupt.add(bit(3, i, i < 1000 ? 0.8 : 0.4));
            first = first.or(() -> cut);
            if (i < 1000) {
                assertThat(abrupt.size()).isEqualTo(i + 1);
            }
        }
        assertThat(first.orElseThrow().before())
                .isGreaterThan(first.orElseThrow().after());
        assertThat(abrupt.size()).isBetween(900L, 1100L);
        assertThat(abrupt.mean()).isCloseTo(0.4, within(0.06));

        Adwin gradual = new Adwin(0.002);
        for (int i = 0; i < 4000; i++) {
            gradual.add(bit(4, i, i < 1000 ? 0.8 : Math.max(0.2, 0.8 - (i - 1000) * 0.0006)));
        }
        assertThat(gradual.mean()).isCloseTo(0.2, within(0.06));
        assertThat(gradual.size()).isLessThan(3000);
    }

    @Test
    void goesOnFromItsWindowAsIfItHadNeverStopped() {
        Adwin whole = new Adwin(0.002);
        Adwin parts = new Adwin(0.002);
        for (int i = 0; i < 5000; i++) {
            double value = bit(5, i, i / 1000 % 2 == 0 ? 0.1 : 0.5);
            Optional<Cut> cut = whole.add(value);
            assertThat(parts.add(value)).isEqualTo(cut);
            if (i % 7 == 0) {
                parts = new Adwin(0.002, parts.window());
            }
            assertThat(parts.window()).isEqualTo(whole.window());
            assertThat(parts.size()).isEqualTo(whole.size());
        }
    }

    @Test
    void aWindowThatWasHandedOutStaysAsItIs() {
        Adwin adwin = new Adwin(0.002);
        adwin.add(1);
        Window window = adwin.window();
        adwin.add(0);

        assertThat(window.rows()).containsExactly(List.of(new Adwin.Bucket(1, 0)));
    }

    @Test
    void errorsThatRiseAndFallAreToldApart() {
        ErrorDrift drift = new ErrorDrift(0.002);
        for (int i = 0; i < 3000; i++) {
            drift.add(bit(6, i, i / 1000 == 1 ? 0.7 : 0.2) == 1, i + 1);
            if (i == 1999) {
                assertThat(drift.rises()).isEqualTo(1);
                assertThat(drift.falls()).isZero();
                assertThat(drift.newest().orElseThrow().images()).isBetween(1001L, 1128L);
                assertThat(drift.newest().orElseThrow().before()).isCloseTo(0.2, within(0.1));
            }
        }
        assertThat(drift.rises()).isEqualTo(1);
        assertThat(drift.falls()).isEqualTo(1);
        assertThat(new ErrorDrift(0.1, drift.state()).state()).isEqualTo(drift.state());
    }

    @Test
    void withADeltaOfZeroNothingIsWatched() {
        ErrorDrift drift = new ErrorDrift(0);
        for (int i = 0; i < 2000; i++) {
            assertThat(drift.add(i >= 1000, i + 1)).isEmpty();
        }
        assertThat(drift.state()).isEqualTo(ErrorDrift.State.NONE);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, Double.NaN})
    void aDeltaThatIsNoProbabilityIsRefused(double delta) {
        assertThatThrownBy(() -> new Adwin(delta))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("delta must be in (0, 1), but is " + delta);
    }
}
