package io.contrastream.dashboard.projection;

/**
 * The turn, or mirroring and turn, of places on a plane that brings them nearest to other places of the same things: the orthogonal R
 * that minimises Σ ‖(yᵢ − ȳ) R − (xᵢ − x̄)‖².
 *
 * <p>Source: Schönemann 1966, <i>A generalized solution of the orthogonal Procrustes problem</i>: with M = Σ (yᵢ − ȳ)ᵀ (xᵢ − x̄) =
 * U Σ Vᵀ, R is U Vᵀ. In two dimensions that is in closed form: the best turn by angle θ gains
 * (m₀₀ + m₁₁) cos θ + (m₀₁ − m₁₀) sin θ, the best mirroring (m₀₀ − m₁₁) cos θ + (m₀₁ + m₁₀) sin θ, and the larger maximum wins.
 */
final class Procrustes {

    private Procrustes() {}

    /**
     * Finds it.
     *
     * @param from places y, [N, 2]
     * @param to places x of the same things, [N, 2]
     * @return {{a, b}, {c, d}}; no turn if nothing tells one
     */
    static double[][] of(double[][] from, double[][] to) {
        double[] meanFrom = mean(from);
        double[] meanTo = mean(to);
        double[][] m = new double[2][2];
        for (int i = 0; i < from.length; i++) {
            for (int r = 0; r < 2; r++) {
                for (int c = 0; c < 2; c++) {
                    m[r][c] += (from[i][r] - meanFrom[r]) * (to[i][c] - meanTo[c]);
                }
            }
        }
        double turnX = m[0][0] + m[1][1];
        double turnY = m[0][1] - m[1][0];
        double mirrorX = m[0][0] - m[1][1];
        double mirrorY = m[0][1] + m[1][0];
        double turn = Math.hypot(turnX, turnY);
        double mirror = Math.hypot(mirrorX, mirrorY);
        if (turn == 0 && mirror == 0) {
            return new double[][] {{1, 0}, {0, 1}};
        }
        if (turn >= mirror) {
            double cos = turnX / turn;
            double sin = turnY / turn;
            return new double[][] {{cos, sin}, {-sin, cos}};
        }
        double cos = mirrorX / mirror;
        double sin = mirrorY / mirror;
        return new double[][] {{cos, sin}, {sin, -cos}};
    }

    private static double[] mean(double[][] places) {
        double[] mean = new double[2];
        for (double[] place : places) {
            mean[0] += place[0] / places.length;
            mean[1] += place[1] / places.length;
        }
        return mean;
    }
}
