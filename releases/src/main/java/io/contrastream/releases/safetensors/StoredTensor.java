package io.contrastream.releases.safetensors;

import java.util.Arrays;

/**
 * Entry of a tensor in a file's header.
 *
 * @param name as it is stored
 * @param type of the elements
 * @param shape sides, outermost first; empty for a scalar
 * @param begin where its data begins, counted from the end of the header
 * @param end where its data ends
 */
public record StoredTensor(String name, DataType type, int[] shape, long begin, long end) {

    /** Number of elements. */
    public long size() {
        return (end - begin) / type.bytes();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredTensor tensor
                && name.equals(tensor.name)
                && type == tensor.type
                && Arrays.equals(shape, tensor.shape)
                && begin == tensor.begin
                && end == tensor.end;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(shape);
    }
}
