package io.contrastream.learning.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.GoldenLines;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamTest {

    @Test
    void neverChanges() throws IOException {
        for (String[] cells : GoldenLines.of("random-stream.csv")) {
            assertThat(stream(cells).nextLong()).isEqualTo(Long.parseLong(cells[4]));
            RandomStream second = stream(cells);
            second.nextLong();
            assertThat(second.nextLong()).isEqualTo(Long.parseLong(cells[5]));
            assertThat(second.nextLong()).isEqualTo(Long.parseLong(cells[6]));
            assertThat(stream(cells).nextDouble()).isEqualTo(Double.parseDouble(cells[7]));
            assertThat(stream(cells).nextInt(1000)).isEqualTo(Integer.parseInt(cells[8]));
            assertThat(stream(cells).nextGaussian()).isCloseTo(Double.parseDouble(cells[9]), within(1e-14));
        }
    }

    private static RandomStream stream(String[] cells) {
        return RandomStream.of(
                Long.parseLong(cells[0]),
                Purpose.valueOf(cells[1]),
                Long.parseLong(cells[2]),
                Long.parseLong(cells[3]));
    }

    @Test
    void differentOriginsGiveDifferentStreams() {
        Set<Long> firsts = new HashSet<>();
        for (long seed = 0; seed < 5; seed++) {
            for (Purpose purpose : Purpose.values()) {
                for (long step = 0; step < 20; step++) {
                    for (long index = 0; index < 20; index++) {
                        firsts.add(RandomStream.of(seed, purpose, step, index).nextLong());
                    }
                }
            }
        }
        assertThat(firsts).hasSize(5 * Purpose.values().length * 400);
    }

    @Test
    void firstNumbersOfNeighbouringStreamsAreUniform() {
        int cells = 100;
        int draws = 100_000;
        int[] counts = new int[cells];
        for (int index = 0; index < draws; index++) {
            counts[RandomStream.of(1, Purpose.AUGMENT, 0, index).nextInt(cells)]++;
        }
        double statistic = 0;
        for (int count : counts) {
            statistic += Math.pow(count - draws / (double) cells, 2) / (draws / (double) cells);
        }
        // chi-square of 99 degrees of freedom: mean 99, deviation 14
        assertThat(statistic).isBetween(43.0, 155.0);
    }

    @Test
    void normalNumbersHaveTheNormalMoments() {
        RandomStream random = RandomStream.of(1, Purpose.GENERATE, 0, 0);
        int draws = 200_000;
        double[] moments = new double[5];
        for (int i = 0; i < draws; i++) {
            double x = random.nextGaussian();
            for (int power = 1; power < moments.length; power++) {
                moments[power] += Math.pow(x, power) / draws;
            }
        }
        assertThat(moments[1]).isCloseTo(0, within(0.01));
        assertThat(moments[2]).isCloseTo(1, within(0.015));
        assertThat(moments[3]).isCloseTo(0, within(0.04));
        assertThat(moments[4]).isCloseTo(3, within(0.1));
    }

    @Test
    void refusesABoundBelowOne() {
        assertThatThrownBy(() -> RandomStream.of(1, Purpose.RECALL, 0, 0).nextInt(0))
                .hasMessage("bound must be at least 1, but is 0");
    }
}
