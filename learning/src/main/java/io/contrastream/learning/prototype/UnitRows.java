package io.contrastream.learning.prototype;

/** Tells embeddings from rows of numbers that are none. */
public final class UnitRows {

    /** Single precision leaves a millionth, half precision some thousandths. */
    private static final double TOLERANCE = 0.01;

    private UnitRows() {}

    /** Whether row {@code row} of {@code rows}, [n, size], is finite and of length 1. */
    public static boolean isUnit(float[] rows, int row, int size) {
        return Math.abs(length(rows, row, size) - 1) <= TOLERANCE; // which NaN is not
    }

    /** Euclidean length of row {@code row} of {@code rows}, [n, size]; NaN or infinite if a component is. */
    public static double length(float[] rows, int row, int size) {
        double squares = 0;
        for (int k = row * size; k < (row + 1) * size; k++) {
            squares += (double) rows[k] * rows[k];
        }
        return Math.sqrt(squares);
    }
}
