package io.contrastream.learning.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProxyTwinTest {

    private static final double TEMPERATURE = 0.3;
    private static final double WEIGHT = 0.7;
    /** Class 3 has no row. */
    private static final int[] LABELS = {0, 2, 2, 1, 0, 2};

    private final double[][] rows = matrix(LABELS.length, 0);
    private final double[][] vectors = matrix(4, 1);

    private static double[][] matrix(int rows, int index) {
        RandomStream random = RandomStream.of(9, Purpose.GENERATE, 0, index);
        double[][] values = new double[rows][5];
        for (double[] row : values) {
            Arrays.setAll(row, k -> random.nextDouble(-1, 1));
        }
        return values;
    }

    /** The loss as the paper's formula has it, with the class vector of every view's label in the denominator. */
    private double loss() {
        double sum = 0;
        for (int i = 0; i < LABELS.length; i++) {
            double whole = 0;
            for (int label : LABELS) {
                whole += Math.exp(cosine(rows[i], vectors[label]) / TEMPERATURE);
            }
            sum += Math.log(Math.exp(cosine(rows[i], vectors[LABELS[i]]) / TEMPERATURE) / whole);
        }
        return -WEIGHT * sum / LABELS.length;
    }

    private static double cosine(double[] row, double[] vector) {
        double product = 0;
        for (int d = 0; d < row.length; d++) {
            product += row[d] * vector[d];
        }
        return product / Math.sqrt(Arrays.stream(vector).map(v -> v * v).sum());
    }

    @Test
    void lossAndGradientsAreThoseOfTheFormula() {
        for (double[] row : rows) {
            double length = Math.sqrt(Arrays.stream(row).map(v -> v * v).sum());
            Arrays.setAll(row, d -> row[d] / length);
        }
        ProxyTwin.Value value = new ProxyTwin(TEMPERATURE, WEIGHT).of(rows, LABELS, vectors);

        assertThat(value.loss()).isCloseTo(loss(), within(1e-12));
        for (int i = 0; i < LABELS.length; i++) {
            assertSlopes(rows[i], value.ofRows()[i]);
        }
        for (int k = 0; k < vectors.length; k++) {
            assertSlopes(vectors[k], value.ofVectors()[k]);
        }
        assertThat(value.ofVectors()[3]).containsOnly(0);
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
            assertThat(slopes[i]).isCloseTo((above - below) / (2 * step), within(1e-8));
        }
    }
}
