package io.contrastream.learning.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
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
            sum -= Math.log(share(i, k -> true));
        }
        return WEIGHT * sum / rows.length;
    }

    /** Rows 0 and 2 are new: of classes 0 and 1, of which are rows 0, 2, 3, 5 and 8. */
    private double apart() {
        double current = 0;
        for (int i : new int[] {0, 2, 3, 5, 8}) {
            current -= Math.log(share(i, k -> k < 2)) / 5;
        }
        double recalled = 0;
        for (int i : new int[] {1, 3, 4, 5, 6, 7, 8}) {
            recalled -= Math.log(share(i, k -> true)) / 7;
        }
        return WEIGHT * (current + 2 * recalled);
    }

    /** The softmax of row i over some classes, at its label. */
    private double share(int i, IntPredicate classes) {
        double[] logits = DistillTwin.answers(rows[i], weights, Arrays.copyOf(biases, CLASSES));
        double total = IntStream.range(0, CLASSES)
                .filter(classes)
                .mapToDouble(k -> Math.exp(logits[k]))
                .sum();
        return Math.exp(logits[LABELS[i]]) / total;
    }

    @Test
    void lossAndGradientsAreThoseOfTheFormula() {
        CrossEntropyTwin.Value value =
                new CrossEntropyTwin(WEIGHT).of(rows, LABELS, weights, Arrays.copyOf(biases, CLASSES));

        requireSame(value, this::loss);
    }

    @Test
    void currentClassesApartFromABalancedRecallAreThoseOfTheFormula() {
        boolean[] fresh = new boolean[LABELS.length];
        fresh[0] = true;
        fresh[2] = true;
        CrossEntropyTwin.Value value =
                new CrossEntropyTwin(WEIGHT).apart(rows, LABELS, fresh, weights, Arrays.copyOf(biases, CLASSES));

        requireSame(value, this::apart);
    }

    private void requireSame(CrossEntropyTwin.Value value, DoubleSupplier loss) {
        assertThat(value.loss()).isCloseTo(loss.getAsDouble(), within(1e-12));
        for (int i = 0; i < rows.length; i++) {
            assertSlopes(rows[i], value.ofRows()[i], loss);
        }
        for (int k = 0; k < CLASSES; k++) {
            assertSlopes(weights[k], value.ofWeights()[k], loss);
        }
        assertSlopes(biases, Arrays.copyOf(value.ofBiases(), FEATURES), loss);
    }

    private void assertSlopes(double[] variables, double[] slopes, DoubleSupplier loss) {
        double step = 1e-5;
        for (int i = 0; i < variables.length; i++) {
            double start = variables[i];
            variables[i] = start + step;
            double above = loss.getAsDouble();
            variables[i] = start - step;
            double below = loss.getAsDouble();
            variables[i] = start;
            assertThat(slopes[i]).isCloseTo((above - below) / (2 * step), within(1e-9));
        }
    }
}
