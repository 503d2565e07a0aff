package io.contrastream.dashboard.projection;

/**
 * An affine map from the space of embeddings to a plane: a vector v goes to ((v − centre) · first, (v − centre) · second).
 * Immutable; the arrays are not to be written to.
 *
 * @param centre what goes to the origin, [D]
 * @param first a unit vector, [D]
 * @param second another, orthogonal to the first, [D]
 */
public record Plane(double[] centre, double[] first, double[] second) {

    /** Where a vector [D] goes: x, then y. */
    public double[] place(float[] vector) {
        double x = 0;
        double y = 0;
        for (int k = 0; k < centre.length; k++) {
            double moved = vector[k] - centre[k];
            x += moved * first[k];
            y += moved * second[k];
        }
        return new double[] {x, y};
    }

    /** The number of components of its space. */
    public int dimension() {
        return centre.length;
    }

    /** The same plane, turned or mirrored in itself: places are multiplied by the orthogonal matrix {{a, b}, {c, d}} from the right. */
    Plane turned(double[][] by) {
        double[] x = new double[centre.length];
        double[] y = new double[centre.length];
        for (int k = 0; k < centre.length; k++) {
            x[k] = first[k] * by[0][0] + second[k] * by[1][0];
            y[k] = first[k] * by[0][1] + second[k] * by[1][1];
        }
        return new Plane(centre, x, y);
    }

    /** The same plane with all places shifted. */
    Plane shifted(double x, double y) {
        double[] shifted = centre.clone();
        for (int k = 0; k < centre.length; k++) {
            shifted[k] -= x * first[k] + y * second[k];
        }
        return new Plane(shifted, first, second);
    }

    /** Mean squared distance from the centre of the places of some vectors: how much of their spread is seen. */
    double spread(float[][] vectors) {
        double sum = 0;
        for (float[] vector : vectors) {
            double[] place = place(vector);
            sum += place[0] * place[0] + place[1] * place[1];
        }
        return vectors.length == 0 ? 0 : sum / vectors.length;
    }
}
