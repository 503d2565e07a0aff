package io.contrastream.encoders.dl4j;

import io.contrastream.learning.network.Node;
import java.util.Arrays;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The supervised contrastive loss L_out (Khosla et al. 2020, equation 2) of projections that are brought to unit length first:
 *
 * <pre>
 *   z_i = x_i / max(‖x_i‖, 1e-12),  s_ij = z_i·z_j / τ
 *   L = mean over anchors i with positives of  log Σ_{a≠i} exp(s_ia) − mean_{p∈P(i)} s_ip
 * </pre>
 *
 * and its gradient, with A such anchors and p_ij the softmax of row i over j ≠ i:
 *
 * <pre>
 *   g_ij = (p_ij − [j ∈ P(i)] / |P(i)|) / A      for such anchors i and j ≠ i, else 0
 *   dz = (g + gᵀ) z / τ
 *   dx_i = (dz_i − z_i (z_i·dz_i)) / ‖x_i‖
 * </pre>
 *
 * Where no anchor has positives, loss and gradient are 0.
 */
final class SupConLoss extends LossFunction {

    private final double temperature;
    private final Kernels kernels;

    SupConLoss(double temperature, Kernels kernels) {
        this.temperature = temperature;
        this.kernels = kernels;
    }

    /**
     * @param labels [N, 1], equal for equal classes
     * @param projections x, [N, P]
     * @return dx, [N, P]
     */
    @Override
    public INDArray computeGradient(INDArray labels, INDArray projections, IActivation activation, INDArray mask) {
        int n = projections.rows();
        int size = projections.columns();
        double[] x = Transfer.doubles(projections);
        double[] norms = new double[n];
        for (int i = 0; i < n; i++) {
            norms[i] = normalize(x, i * size, size);
        }
        INDArray z = like(projections, n, size);
        INDArray square = like(projections, n, n);
        Transfer.put(x, z);
        kernels.multiply(z, false, z, true, square);
        double[] matrix = Transfer.doubles(square);
        similarityGradient(matrix, Transfer.doubles(labels), n);
        Transfer.put(matrix, square);
        INDArray dz = like(projections, n, size);
        kernels.multiply(square, false, z, false, dz);
        double[] gradient = Transfer.doubles(dz);
        for (int i = 0; i < n; i++) {
            tangent(gradient, x, i * size, size, norms[i]);
        }
        Transfer.put(gradient, dz);
        return dz;
    }

    /** Brings a row to unit length and returns what it was divided by. */
    private static double normalize(double[] x, int offset, int size) {
        double square = 0;
        for (int k = offset; k < offset + size; k++) {
            square += x[k] * x[k];
        }
        double norm = Math.max(Math.sqrt(square), Node.L2Normalize.EPSILON);
        for (int k = offset; k < offset + size; k++) {
            x[k] /= norm;
        }
        return norm;
    }

    /** Takes z zᵀ, [N, N], to (g + gᵀ) / τ in place, and computes the loss. */
    private void similarityGradient(double[] matrix, double[] labels, int n) {
        double[] g = new double[n * n];
        double loss = 0;
        int anchors = 0;
        for (int i = 0; i < n; i++) {
            int positives = 0;
            double maximum = Double.NEGATIVE_INFINITY;
            double attraction = 0;
            for (int j = 0; j < n; j++) {
                if (j != i) {
                    double s = matrix[i * n + j] / temperature;
                    maximum = Math.max(maximum, s);
                    if (labels[j] == labels[i]) {
                        positives++;
                        attraction += s;
                    }
                }
            }
            if (positives == 0) {
                continue;
            }
            anchors++;
            double sum = 0;
            for (int j = 0; j < n; j++) {
                if (j != i) {
                    g[i * n + j] = Math.exp(matrix[i * n + j] / temperature - maximum);
                    sum += g[i * n + j];
                }
            }
            for (int j = 0; j < n; j++) {
                if (j != i) {
                    g[i * n + j] = g[i * n + j] / sum - (labels[j] == labels[i] ? 1.0 / positives : 0);
                }
            }
            loss += maximum + Math.log(sum) - attraction / positives;
        }
        if (anchors == 0) {
            value(0);
            Arrays.fill(matrix, 0);
            return;
        }
        value(loss / anchors);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                matrix[i * n + j] = (g[i * n + j] + g[j * n + i]) / (anchors * temperature);
            }
        }
    }

    /** Takes dz to dx in place: what is left of it across z, scaled. */
    private static void tangent(double[] gradient, double[] z, int offset, int size, double norm) {
        double along = 0;
        if (norm > Node.L2Normalize.EPSILON) {
            for (int k = offset; k < offset + size; k++) {
                along += gradient[k] * z[k];
            }
        }
        for (int k = offset; k < offset + size; k++) {
            gradient[k] = (gradient[k] - z[k] * along) / norm;
        }
    }

    private static INDArray like(INDArray array, long rows, long columns) {
        // In whichever workspace is open: that of temporaries.
        return Nd4j.createUninitialized(array.dataType(), rows, columns);
    }

    @Override
    public String name() {
        return "supervised contrastive";
    }
}
