package io.contrastream.encoders.dl4j;

import io.contrastream.learning.network.Node;

/**
 * Rows brought to unit length:
 *
 * <pre>
 *   z_i = x_i / max(‖x_i‖, ε),   dx_i = (dz_i − z_i (z_i·dz_i)) / ‖x_i‖,   or dz_i / ε where ‖x_i‖ ≤ ε
 * </pre>
 *
 * @param values z, [N, D]
 * @param norms what rows were divided by, [N]
 */
record UnitRows(double[] values, double[] norms) {

    /** @param x [N, D], overwritten */
    static UnitRows of(double[] x, int size) {
        double[] norms = new double[x.length / size];
        for (int i = 0; i < norms.length; i++) {
            double square = 0;
            for (int k = i * size; k < (i + 1) * size; k++) {
                square += x[k] * x[k];
            }
            norms[i] = Math.max(Math.sqrt(square), Node.L2Normalize.EPSILON);
            for (int k = i * size; k < (i + 1) * size; k++) {
                x[k] /= norms[i];
            }
        }
        return new UnitRows(x, norms);
    }

    /** Adds dx of dz: what is left of it across z, scaled. */
    void addTangents(double[] dz, double[] dx) {
        int size = values.length / norms.length;
        for (int i = 0; i < norms.length; i++) {
            double along = 0;
            if (norms[i] > Node.L2Normalize.EPSILON) {
                for (int k = i * size; k < (i + 1) * size; k++) {
                    along += dz[k] * values[k];
                }
            }
            for (int k = i * size; k < (i + 1) * size; k++) {
                dx[k] += (dz[k] - values[k] * along) / norms[i];
            }
        }
    }
}
