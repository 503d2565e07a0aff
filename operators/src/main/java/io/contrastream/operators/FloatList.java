package io.contrastream.operators;

import java.util.AbstractList;
import java.util.RandomAccess;

/** An array of numbers as the list that an Avro record wants, without an object for each. */
public final class FloatList extends AbstractList<Float> implements RandomAccess {

    private final float[] values;

    /** @param values not copied */
    public FloatList(float[] values) {
        this.values = values;
    }

    @Override
    public Float get(int index) {
        return values[index];
    }

    @Override
    public int size() {
        return values.length;
    }
}
