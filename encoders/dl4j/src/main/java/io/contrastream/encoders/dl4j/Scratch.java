package io.contrastream.encoders.dl4j;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where one pass of a vertex puts its arrays: those that outlive it and those that do not. Nothing here is zeroed.
 *
 * @param workspaces of the graph
 * @param lasting workspace of results
 * @param passing workspace of what is gone when the vertex is done
 * @param type float or double
 */
record Scratch(LayerWorkspaceMgr workspaces, ArrayType lasting, ArrayType passing, DataType type) {

    static Scratch forward(LayerWorkspaceMgr workspaces, DataType type) {
        return new Scratch(workspaces, ArrayType.ACTIVATIONS, ArrayType.FF_WORKING_MEM, type);
    }

    static Scratch backward(LayerWorkspaceMgr workspaces, DataType type) {
        return new Scratch(workspaces, ArrayType.ACTIVATION_GRAD, ArrayType.BP_WORKING_MEM, type);
    }

    /** An array that lives until everything that takes it has run. */
    INDArray result(long... shape) {
        return workspaces.createUninitialized(lasting, type, shape, 'c');
    }

    /** An array that lives until this pass of this vertex ends. */
    INDArray temporary(long... shape) {
        return workspaces.createUninitialized(passing, type, shape, 'c');
    }

    /** A temporary vector of the given values. */
    INDArray vector(double[] values) {
        INDArray vector = temporary(values.length);
        Transfer.put(values, vector);
        return vector;
    }
}
