package io.contrastream.dashboard.projection;

import java.util.Random;

/** Vectors for tests, and slow plain mathematics on them. */
final class Clouds {

    private Clouds() {}

    /** Vectors whose spread differs from direction to direction, and whose mean is not the origin. */
    static float[][] anisotropic(int count, int dimension, Random random) {
        float[][] vectors = new float[count][dimension];
        float[] shift = new float[dimension];
        for (int k = 0; k < dimension; k++) {
            shift[k] = random.nextFloat();
        }
        for (float[] vector : vectors) {
            for (int k = 0; k < dimension; k++) {
                vector[k] = (float) (shift[k] + random.nextGaussian() / (1 + k));
            }
        }
        return vectors;
    }

    /** A random orthogonal matrix. */
    static double[][] orthogonal(int dimension, Random random) {
        double[][] rows = new double[dimension][dimension];
        for (int i = 0; i < dimension; i++) {
            for (int k = 0; k < dimension; k++) {
                rows[i][k] = random.nextGaussian();
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    double along = dot(rows[i], rows[j]);
                    for (int k = 0; k < dimension; k++) {
                        rows[i][k] -= along * rows[j][k];
                    }
                }
            }
            double length = Math.sqrt(dot(rows[i], rows[i]));
            for (int k = 0; k < dimension; k++) {
                rows[i][k] /= length;
            }
        }
        return rows;
    }

    static float[][] times(float[][] vectors, double[][] matrix) {
        float[][] product = new float[vectors.length][matrix[0].length];
        for (int i = 0; i < vectors.length; i++) {
            for (int c = 0; c < matrix[0].length; c++) {
                double sum = 0;
                for (int k = 0; k < matrix.length; k++) {
                    sum += vectors[i][k] * matrix[k][c];
                }
                product[i][c] = (float) sum;
            }
        }
        return product;
    }

    /** Mean of the products of what is left when the mean is taken away. */
    static double[][] covariance(float[][] vectors) {
        int dimension = vectors[0].length;
        double[] mean = new double[dimension];
        for (float[] vector : vectors) {
            for (int k = 0; k < dimension; k++) {
                mean[k] += vector[k] / (double) vectors.length;
            }
        }
        double[][] covariance = new double[dimension][dimension];
        for (float[] vector : vectors) {
            for (int r = 0; r < dimension; r++) {
                for (int c = 0; c < dimension; c++) {
                    covariance[r][c] += (vector[r] - mean[r]) * (vector[c] - mean[c]) / vectors.length;
                }
            }
        }
        return covariance;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    static double[][] places(Plane plane, float[][] vectors) {
        double[][] places = new double[vectors.length][];
        for (int i = 0; i < vectors.length; i++) {
            places[i] = plane.place(vectors[i]);
        }
        return places;
    }
}
