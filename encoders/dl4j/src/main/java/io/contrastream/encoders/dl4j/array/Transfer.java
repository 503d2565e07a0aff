package io.contrastream.encoders.dl4j.array;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies between Java arrays and dense row-major arrays of ND4J, as one block rather than value by value. */
public final class Transfer {

    private Transfer() {}

    /** The values of an array, whichever of float and double it holds. */
    public static double[] doubles(INDArray array) {
        double[] values = new double[Math.toIntExact(array.length())];
        if (array.dataType() == DataType.DOUBLE) {
            new DoublePointer(array.data().addressPointer()).get(values);
        } else {
            float[] floats = floats(array);
            for (int i = 0; i < values.length; i++) {
                values[i] = floats[i];
            }
        }
        return values;
    }

    /** The values of an array, rounded if it holds doubles. */
    public static float[] floats(INDArray array) {
        float[] values = new float[Math.toIntExact(array.length())];
        if (array.dataType() == DataType.FLOAT) {
            new FloatPointer(array.data().addressPointer()).get(values);
        } else {
            double[] doubles = doubles(array);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) doubles[i];
            }
        }
        return values;
    }

    /** Fills an array. */
    public static void put(float[] values, INDArray array) {
        if (array.dataType() == DataType.FLOAT) {
            new FloatPointer(array.data().addressPointer()).put(values);
        } else {
            double[] doubles = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                doubles[i] = values[i];
            }
            put(doubles, array);
        }
    }

    /** Fills an array, rounding if it holds floats. */
    public static void put(double[] values, INDArray array) {
        if (array.dataType() == DataType.DOUBLE) {
            new DoublePointer(array.data().addressPointer()).put(values);
        } else {
            float[] floats = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                floats[i] = (float) values[i];
            }
            put(floats, array);
        }
    }
}
