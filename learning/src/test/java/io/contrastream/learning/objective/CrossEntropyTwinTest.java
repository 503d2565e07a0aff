package io.contrastream.learning.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CrossEntropyTwinTest {

    private static final int FEATURES = 5;
    private static final int CLASSES = 4;
    private static final double WEIGHT = 0.7;
    private static final int[] LABELS = {0, 3, 1, 1, 2, 0, 3, 3, 1};

    private final double[][] rows = matrix(LABELS.length, 0);
    private final double[][] weights = matrix(CLASSES, 1);
    private final double[] biases = matrix(1, 2)[0];

    private static double[][] matrix(int rows, int index) {
        RandomStream random = RandomStream.of(8, Purpose.GENERATE, 0, index);
        double[][] values = new double[rows][FEATURES];
        for (double[] row : values) {
            Arrays.setAll(row, k -> random.nextDouble(-2, 2));
        }
        return values;
    }

    /** The loss as its formula has it, without any care for overflow. */
    private double loss() {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            double[] logits = new double[CLASSES];
            for (int k = 0; k < CLASSES; k++) {
                logits[k] = biases[k];
                for (int d = 0; d < FEATURES; d++) {
                    logits[k] += weights[k][d] * rows[i][d];
                }
            }
            double total = Arrays.stream(logits).map(Math::exp).sum();
            sum -= Math.log(Math.exp(logits[LABELS[i]]) / total);
        }
        return WEIGHT * sum / rows.length;
    }

    @Test
    void lossAndGradientsAreThoseOfTheFormula() {
        double[] fourBiases = Arrays.copyOf(biases, CLASSES);
        CrossEntropyTwin.Value value = new CrossEntropyTwin(WEIGHT).of(rows, LABELS, weights, fourBiases);

        assertThat(value.loss()).isCloseTo(loss(), within(1e-12));
        for (int i = 0; i < rows.length; i++) {
            assertSlopes(rows[i], value.ofRows()[i]);
        }
        for (int k = 0; k < CLASSES; k++) {
            assertSlopes(weights[k], value.ofWeights()[k]);
        }
        assertSlopes(biases, Arrays.copyOf(value.ofBiases(), FEATURES));
    }

    private void assertSlopes(double[] variables, double[] slopes) {
        double step = 1e-5;
        for (int i = 0; i < variables.length; i++) {
            double start = variables[i];
            variables[i] = start + step;
            double above = loss();
            variables[i] = start - step;
            double below = loss();
            variables[i] = start;
            assertThat(slopes[i]).isCloseTo((above - below) / (2 * step), within(1e-9));
        }
    }
}
