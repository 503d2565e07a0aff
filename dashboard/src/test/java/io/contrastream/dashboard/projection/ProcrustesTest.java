package io.contrastream.dashboard.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcrustesTest {

    @ParameterizedTest
    @CsvSource({"0.3, false", "-2.5, false", "3.1, true", "-0.7, true"})
    void findsTheTurnOrMirroringThatWasMade(double angle, boolean mirrored) {
        double[][] to = random(12, new Random(3));
        double[][] made = matrix(angle, mirrored);
        double[][] from = new double[to.length][];
        for (int i = 0; i < to.length; i++) {
            // The inverse of an orthogonal matrix is its transpose; a shift makes no difference.
            from[i] = new double[] {
                7 + to[i][0] * made[0][0] + to[i][1] * made[0][1], -2 + to[i][0] * made[1][0] + to[i][1] * made[1][1]
            };
        }

        double[][] found = Procrustes.of(from, to);

        for (int r = 0; r < 2; r++) {
            assertThat(found[r]).containsExactly(made[r], within(1e-12));
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6"})
    void noOtherTurnOrMirroringIsNearer(long seed) {
        Random random = new Random(seed);
        double[][] from = centred(random(9, random));
        double[][] to = centred(random(9, random));

        double[][] found = Procrustes.of(from, to);

        assertThat(found[0][0] * found[0][0] + found[0][1] * found[0][1]).isCloseTo(1, within(1e-12));
        assertThat(found[0][0] * found[1][0] + found[0][1] * found[1][1]).isCloseTo(0, within(1e-12));
        double best = Double.MAX_VALUE;
        for (int step = 0; step < 3600; step++) {
            double angle = step * Math.PI / 1800;
            best = Math.min(best, distance(from, to, matrix(angle, false)));
            best = Math.min(best, distance(from, to, matrix(angle, true)));
        }
        assertThat(distance(from, to, found)).isLessThanOrEqualTo(best + 1e-12);
    }

    @Test
    void placesThatTellNoTurnAreNotTurned() {
        assertThat(Procrustes.of(new double[][] {{1, 2}}, new double[][] {{3, 4}}))
                .isDeepEqualTo(new double[][] {{1, 0}, {0, 1}});
    }

    private static double[][] matrix(double angle, boolean mirrored) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        return mirrored ? new double[][] {{cos, sin}, {sin, -cos}} : new double[][] {{cos, sin}, {-sin, cos}};
    }

    private static double[][] random(int count, Random random) {
        double[][] places = new double[count][2];
        for (double[] place : places) {
            place[0] = random.nextGaussian();
            place[1] = 2 * random.nextGaussian();
        }
        return places;
    }

    private static double[][] centred(double[][] places) {
        for (int c = 0; c < 2; c++) {
            double mean = 0;
            for (double[] place : places) {
                mean += place[c] / places.length;
            }
            for (double[] place : places) {
                place[c] -= mean;
            }
        }
        return places;
    }

    private static double distance(double[][] from, double[][] to, double[][] by) {
        double sum = 0;
        for (int i = 0; i < from.length; i++) {
            double x = from[i][0] * by[0][0] + from[i][1] * by[1][0] - to[i][0];
            double y = from[i][0] * by[0][1] + from[i][1] * by[1][1] - to[i][1];
            sum += x * x + y * y;
        }
        return sum;
    }
}
