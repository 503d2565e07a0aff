package io.contrastream.learning.network;

import java.util.Arrays;

/**
 * A named array of floats in row-major order. The values are not copied: who gets a tensor may read it, and owns it alone only
 * where a method says so.
 *
 * @param name torchvision's name, such as {@code layer1.0.conv1.weight}
 * @param shape sides, outermost first; empty for a scalar
 * @param values as many as the product of the sides
 */
public record Tensor(String name, int[] shape, float[] values) {

    /** @throws IllegalArgumentException if the number of values is not the product of the sides */
    public Tensor {
        long size = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
        if (size != values.length) {
            throw new IllegalArgumentException("tensor " + name + " of shape " + Arrays.toString(shape) + " needs "
                    + size + " values, but has " + values.length);
        }
    }

    /** Number of values that are NaN or infinite. */
    public int notFinite() {
        int count = 0;
        for (float value : values) {
            count += Float.isFinite(value) ? 0 : 1;
        }
        return count;
    }

    /** Equal name, shape and bits of the values. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor tensor
                && name.equals(tensor.name)
                && Arrays.equals(shape, tensor.shape)
                && Arrays.equals(values, tensor.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + Arrays.hashCode(shape)) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape);
    }
}
