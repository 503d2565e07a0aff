package io.contrastream.encoders.dl4j.array;

import java.util.Arrays;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where one pass of a vertex puts its arrays: those that outlive it and those that do not. They begin at a line of the cache. Nothing
 * here is zeroed.
 *
 * @param workspaces of the graph
 * @param lasting workspace of results
 * @param passing workspace of what is gone when the vertex is done
 * @param type of the arrays
 */
public record Scratch(LayerWorkspaceMgr workspaces, ArrayType lasting, ArrayType passing, DataType type) {

    /** Bytes: a line of the cache, and what oneDNN's kernels take for granted where they write past it. */
    private static final int ALIGNMENT = 64;

    public static Scratch forward(LayerWorkspaceMgr workspaces, DataType type) {
        return new Scratch(workspaces, ArrayType.ACTIVATIONS, ArrayType.FF_WORKING_MEM, type);
    }

    public static Scratch backward(LayerWorkspaceMgr workspaces, DataType type) {
        return new Scratch(workspaces, ArrayType.ACTIVATION_GRAD, ArrayType.BP_WORKING_MEM, type);
    }

    /** The same for arrays of another type. */
    public Scratch of(DataType other) {
        return new Scratch(workspaces, lasting, passing, other);
    }

    /** An array that lives until everything that takes it has run. */
    public INDArray result(long... shape) {
        return create(lasting, shape);
    }

    /** An array that lives until this pass of this vertex ends. */
    public INDArray temporary(long... shape) {
        return create(passing, shape);
    }

    /** A temporary vector of the given values. */
    public INDArray vector(float[] values) {
        INDArray vector = temporary(values.length);
        Transfer.put(values, vector);
        return vector;
    }

    /** A temporary vector of the given values. */
    public INDArray vector(double[] values) {
        INDArray vector = temporary(values.length);
        Transfer.put(values, vector);
        return vector;
    }

    private INDArray create(ArrayType workspace, long... shape) {
        int slack = ALIGNMENT / type.width() - 1;
        long length = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        INDArray array = workspaces.createUninitialized(workspace, type, new long[] {length + slack}, 'c');
        long skipped = (-array.data().addressPointer().address() & (ALIGNMENT - 1)) / type.width();
        return array.get(NDArrayIndex.interval(skipped, skipped + length)).reshape('c', shape);
    }
}
