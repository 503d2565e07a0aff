package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Random inputs for the lowerings of an objective's terms, and their comparison with the twins in double precision. */
public final class Terms {

    private static final double OF_NORM = 2e-5;

    private Terms() {}

    /** Random rows of length 1, [N, D]. */
    public static double[][] unitRows(int rows, int size, long seed) {
        RandomStream random = RandomStream.of(seed, Purpose.GENERATE, 0, 0);
        double[][] z = new double[rows][size];
        for (double[] row : z) {
            Arrays.setAll(row, k -> random.nextGaussian());
            double length = Math.sqrt(Arrays.stream(row).map(v -> v * v).sum());
            // As single precision has them.
            Arrays.setAll(row, k -> (float) (row[k] / length));
        }
        return z;
    }

    /** Random labels, of which the largest possible occurs. */
    public static int[] labels(int count, int classes) {
        RandomStream random = RandomStream.of(5, Purpose.GENERATE, 0, 1);
        int[] labels = new int[count];
        Arrays.setAll(labels, i -> random.nextInt(classes));
        labels[0] = classes - 1;
        return labels;
    }

    /**
     * Random labels, of which the largest possible occurs; the same, except for every third row, which has none; and those with up to two more in
     * two of three rows that have one.
     */
    public static List<LabelSets> labellings(int count, int classes) {
        int[] some = labels(count, classes);
        for (int i = 1; i < count; i += 3) {
            some[i] = -1 - i;
        }
        int[][] further = new int[count][];
        for (int i = 0; i < count; i++) {
            int first = some[i];
            further[i] = IntStream.rangeClosed(1, first < 0 ? 0 : Math.min(i % 3, classes - 1))
                    .map(k -> (first + k) % classes)
                    .toArray();
        }
        return List.of(LabelSets.single(labels(count, classes)), LabelSets.single(some), new LabelSets(some, further));
    }

    /** Rows of which the first ones are of new images. */
    public static ViewFacts facts(LabelSets labels, int fresh) {
        boolean[] ofFresh = new boolean[labels.size()];
        Arrays.fill(ofFresh, 0, fresh, true);
        return new ViewFacts(labels, ViewFacts.ofOwnImages(labels.first()).lastViews(), ofFresh);
    }

    /** 1 for each row of a new image, else 0. */
    public static double[] marks(ViewFacts facts) {
        double[] marks = new double[facts.fresh().length];
        Arrays.setAll(marks, i -> facts.fresh()[i] ? 1 : 0);
        return marks;
    }

    /** Random answers of a teacher, [N, capacity], 0 for classes that are not known. */
    public static double[][] answers(int count, int classes, int capacity) {
        RandomStream random = RandomStream.of(6, Purpose.GENERATE, 0, 2);
        double[][] answers = new double[count][capacity];
        for (double[] row : answers) {
            Arrays.setAll(row, k -> k < classes ? (float) (3 * random.nextGaussian()) : 0);
        }
        return answers;
    }

    /** The first columns of rows. */
    public static double[][] columns(double[][] rows, int count) {
        return Arrays.stream(rows).map(row -> Arrays.copyOf(row, count)).toArray(double[][]::new);
    }

    /** Row by row. */
    public static float[] flat(double[][] rows) {
        int size = rows[0].length;
        float[] flat = new float[rows.length * size];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) rows[i / size][i % size];
        }
        return flat;
    }

    /** The rows of a matrix. */
    public static double[][] rows(Tensor matrix) {
        double[][] rows = new double[matrix.shape()[0]][matrix.shape()[1]];
        for (int i = 0; i < matrix.values().length; i++) {
            rows[i / matrix.shape()[1]][i % matrix.shape()[1]] = matrix.values()[i];
        }
        return rows;
    }

    public static double[] doubles(Tensor vector) {
        double[] values = new double[vector.values().length];
        Arrays.setAll(values, i -> vector.values()[i]);
        return values;
    }

    /** A classifier's arrays with other biases, none of them 0. */
    public static List<Tensor> withBiases(List<Tensor> classifier) {
        List<Tensor> arrays = new ArrayList<>(classifier);
        float[] biases = new float[classifier.get(1).values().length];
        for (int k = 0; k < biases.length; k++) {
            biases[k] = 0.1f * (k % 7 + 1);
        }
        arrays.set(1, new Tensor(classifier.get(1).name(), classifier.get(1).shape(), biases));
        return arrays;
    }

    /** @throws AssertionError if they are further apart than single precision explains, relative to the whole */
    public static void assertClose(float[] values, double[][] expected) {
        float[] flat = flat(expected);
        assertThat(values).hasSameSizeAs(flat);
        double square = 0;
        double norm = 0;
        for (int i = 0; i < flat.length; i++) {
            square += Math.pow(values[i] - expected[i / expected[0].length][i % expected[0].length], 2);
            norm += Math.pow(flat[i], 2);
        }
        assertThat(Math.sqrt(square)).isLessThanOrEqualTo(OF_NORM * Math.sqrt(norm) + 1e-9);
    }
}
