package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class UnknownFiguresTest {

    @Test
    void sharesAreOfWhatIsAboveTheThreshold() {
        UnknownFigures figures =
                UnknownFigures.of(List.of(new double[] {1, 2, 3, 4}, new double[] {3, 5}), new double[] {3, 4, 6}, 3);

        assertThat(figures.falseAlarmRate()).isEqualTo(2 / 6.0);
        assertThat(figures.worstClass()).isEqualTo(0.5);
        assertThat(figures.found()).isEqualTo(2 / 3.0);
    }

    /** Scores of few values, so that many are equal. */
    @Test
    void theAreaUnderTheCurveIsTheShareOfPairsInTheRightOrder() {
        Random random = new Random(1);
        double[] known = random.ints(70, 0, 12).asDoubleStream().toArray();
        double[] strangers = random.ints(50, 4, 16).asDoubleStream().toArray();
        double pairs = 0;
        for (double one : known) {
            for (double other : strangers) {
                pairs += other > one ? 1 : other == one ? 0.5 : 0;
            }
        }

        UnknownFigures figures =
                UnknownFigures.of(List.of(Arrays.copyOf(known, 30), Arrays.copyOfRange(known, 30, 70)), strangers, 8);

        assertThat(figures.auroc()).isEqualTo(pairs / known.length / strangers.length, within(1e-12));
    }
}
