package io.contrastream.learning.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DistillTwinTest {

    private static final int ROWS = 6;
    private static final int FEATURES = 5;
    private static final int CLASSES = 4;
    private static final double TEMPERATURE = 3;
    private static final double WEIGHT = 0.7;

    private final double[][] rows = matrix(ROWS, FEATURES, 0);
    private final double[][] weights = matrix(CLASSES, FEATURES, 1);
    private final double[] biases = matrix(1, CLASSES, 2)[0];
    private final double[][] answers = matrix(ROWS, CLASSES, 3);

    private static double[][] matrix(int rows, int columns, int index) {
        RandomStream random = RandomStream.of(9, Purpose.GENERATE, 0, index);
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.setAll(row, k -> random.nextDouble(-3, 3));
        }
        return values;
    }

    /** The loss as its formula has it: the cross-entropy of the two answers without the entropy of the teacher's. */
    private double loss() {
        double sum = 0;
        for (int i = 0; i < ROWS; i++) {
            double[] p = divided(answers[i]);
            double[] q = divided(DistillTwin.answers(rows[i], weights, biases));
            for (int k = 0; k < CLASSES; k++) {
                sum += p[k] * Math.log(p[k]) - p[k] * Math.log(q[k]);
            }
        }
        return WEIGHT * TEMPERATURE * TEMPERATURE * sum / ROWS;
    }

    private static double[] divided(double[] values) {
        double total = Arrays.stream(values).map(v -> Math.exp(v / TEMPERATURE)).sum();
        return Arrays.stream(values).map(v -> Math.exp(v / TEMPERATURE) / total).toArray();
    }

    @Test
    void lossAndGradientsAreThoseOfTheFormula() {
        CrossEntropyTwin.Value value =
                new DistillTwin(TEMPERATURE, WEIGHT).of(rows, new int[ROWS], answers, weights, biases);

        assertThat(value.loss()).isCloseTo(loss(), within(1e-12));
        for (int i = 0; i < ROWS; i++) {
            assertSlopes(rows[i], value.ofRows()[i]);
        }
        for (int k = 0; k < CLASSES; k++) {
            assertSlopes(weights[k], value.ofWeights()[k]);
        }
        assertSlopes(biases, value.ofBiases());
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

    @Test
    void whoAnswersAsTheTeacherHasNothingToLearn() {
        for (int i = 0; i < ROWS; i++) {
            answers[i] = DistillTwin.answers(rows[i], weights, biases);
        }
        CrossEntropyTwin.Value value =
                new DistillTwin(TEMPERATURE, WEIGHT).of(rows, new int[ROWS], answers, weights, biases);
        assertThat(value.loss()).isZero();
        assertThat(value.ofBiases()).containsOnly(0);
    }
}
