package io.contrastream.learning.learner;

import java.util.stream.IntStream;

/**
 * How far an embedding space has moved between two versions of an encoder, by the embeddings of the same images in both.
 *
 * @param cosine mean cosine similarity of an image's two embeddings, in [-1, 1]; 1 if nothing has moved
 * @param neighbourOverlap mean share of an image's k nearest neighbours that were among its k nearest before, in [0, 1]; 1 also
 *     where the space has only turned as a whole
 */
public record EmbeddingShift(double cosine, double neighbourOverlap) {

    /** Neighbours that count, where there are more images than that. */
    static final int NEIGHBOURS = 10;

    /**
     * Compares.
     *
     * @param before [N, D], rows of length 1, N at least 2
     * @param after [N, D], the same images
     * @throws IllegalArgumentException if these are not such arrays
     */
    public static EmbeddingShift between(float[] before, float[] after, int dimensions) {
        int n = before.length / dimensions;
        if (n < 2 || before.length != n * dimensions || after.length != before.length) {
            throw new IllegalArgumentException("two arrays of [N, " + dimensions
                    + "] are needed, N at least 2, but have " + before.length + " and " + after.length + " values");
        }
        int k = Math.min(NEIGHBOURS, n - 1);
        double cosine = 0;
        long common = 0;
        for (int i = 0; i < n; i++) {
            cosine += dot(before, i, after, i, dimensions);
            boolean[] earlier = nearest(before, i, n, dimensions, k); // [N]
            boolean[] later = nearest(after, i, n, dimensions, k); // [N]
            common += IntStream.range(0, n).filter(j -> earlier[j] && later[j]).count();
        }
        return new EmbeddingShift(cosine / n, (double) common / ((long) n * k));
    }

    /** Which the k nearest to image i are, itself left out; of equally near ones, the first. */
    private static boolean[] nearest(float[] embeddings, int i, int n, int dimensions, int k) {
        double[] similarity = IntStream.range(0, n)
                .mapToDouble(j -> dot(embeddings, i, embeddings, j, dimensions))
                .toArray(); // [N]
        boolean[] nearest = new boolean[n];
        for (int found = 0; found < k; found++) {
            int best = -1;
            for (int j = 0; j < n; j++) {
                if (j != i && !nearest[j] && (best < 0 || similarity[j] > similarity[best])) {
                    best = j;
                }
            }
            nearest[best] = true;
        }
        return nearest;
    }

    private static double dot(float[] a, int rowOfA, float[] b, int rowOfB, int dimensions) {
        double sum = 0;
        for (int k = 0; k < dimensions; k++) {
            sum += a[rowOfA * dimensions + k] * b[rowOfB * dimensions + k];
        }
        return sum;
    }
}
