package io.contrastream.encoders.dl4j.array;

import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.same.Sum;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The operations that the vertices are composed of, on feature maps [N, C, H, W]: those of ND4J that are fast. Every one writes into an array
 * that the caller made.
 */
public final class Kernels implements AutoCloseable {

    /** ND4J's number for [N, C, H, W]. */
    private static final int CHANNELS_FIRST = 0;

    private final Map<Long, INDArray> zeros = new HashMap<>();
    private final Map<Long, INDArray> ones = new HashMap<>();
    private INDArray row;

    /** y = x ∗ w. */
    public void convolve(INDArray x, INDArray w, INDArray y, int kernel, int stride, int padding) {
        execute("conv2d", new INDArray[] {x, w}, new INDArray[] {y}, convolution(kernel, stride, padding));
    }

    /** dx = dy ∗ᵀ w, dw = x ⋆ dy. */
    public void convolveBackward(
            INDArray x, INDArray w, INDArray dy, INDArray dx, INDArray dw, int kernel, int stride, int padding) {
        execute("conv2d_bp", new INDArray[] {x, w, dy}, new INDArray[] {dx, dw}, convolution(kernel, stride, padding));
    }

    private int[] convolution(int kernel, int stride, int padding) {
        return new int[] {kernel, kernel, stride, stride, padding, padding, 1, 1, 0, CHANNELS_FIRST, 1};
    }

    /** y = maximum over windows of x. */
    public void maxPool(INDArray x, INDArray y, int kernel, int stride, int padding) {
        execute("maxpool2d", new INDArray[] {x}, new INDArray[] {y}, pool(kernel, kernel, stride, padding, 0));
    }

    /** dx = dy at the maximum of every window. */
    public void maxPoolBackward(INDArray x, INDArray dy, INDArray dx, int kernel, int stride, int padding) {
        execute("maxpool2d_bp", new INDArray[] {x, dy}, new INDArray[] {dx}, pool(kernel, kernel, stride, padding, 0));
    }

    /** y = mean of x over rows and columns, [n, c, 1, 1]. */
    public void meanPool(INDArray x, INDArray y) {
        execute("avgpool2d", new INDArray[] {x}, new INDArray[] {y}, wholePool(x));
    }

    /** dx = dy / (rows · columns), everywhere. */
    public void meanPoolBackward(INDArray x, INDArray dy, INDArray dx) {
        execute("avgpool2d_bp", new INDArray[] {x, dy}, new INDArray[] {dx}, wholePool(x));
    }

    private int[] wholePool(INDArray x) {
        long[] shape = x.shape();
        return pool((int) shape[2], (int) shape[3], 1, 0, 1);
    }

    private int[] pool(int height, int width, int stride, int padding, int includePadding) {
        return new int[] {height, width, stride, stride, padding, padding, 1, 1, 0, includePadding, CHANNELS_FIRST};
    }

    /** y = scale · x + shift, for every channel its own. */
    public void affine(INDArray x, INDArray scale, INDArray shift, INDArray y) {
        // The operation that normalises with given statistics, of mean 0 and variance 1: the fastest broadcast of ND4J.
        INDArray zero = zeros.computeIfAbsent(scale.length(), n -> constant(0, x.dataType(), n));
        INDArray one = ones.computeIfAbsent(scale.length(), n -> constant(1, x.dataType(), n));
        Nd4j.exec(DynamicCustomOp.builder("batchnorm")
                .addInputs(x, zero, one, scale, shift)
                .addOutputs(y)
                .addIntegerArguments(1, 1, 1)
                .addFloatingPointArguments(0.0)
                .build());
    }

    /** y = x + shift, for every channel its own. */
    public void shift(INDArray x, INDArray shift, INDArray y) {
        Nd4j.exec(DynamicCustomOp.builder("biasadd")
                .addInputs(x, shift)
                .addOutputs(y)
                .addBooleanArguments(true)
                .build());
    }

    /** Sums over all but the channels. */
    public double[] channelSums(INDArray x, Scratch scratch) {
        INDArray sums = scratch.temporary(x.size(1));
        Nd4j.exec(new Sum(x, sums, false, 0, 2, 3));
        return Transfer.doubles(sums);
    }

    /** Sums over the rows of a matrix. */
    public double[] rowSums(INDArray matrix, Scratch scratch) {
        // A product with a row of ones, by the operation and not by BLAS, whose threads stall those of the
        // convolutions.
        INDArray sums = scratch.temporary(1, matrix.columns());
        execute("matmul", new INDArray[] {rowOfOnes(matrix.rows(), matrix.dataType()), matrix}, new INDArray[] {sums});
        return Transfer.doubles(sums);
    }

    /** y = op(a) · op(b), where op transposes if told so. */
    public void multiply(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y) {
        execute("matmul", new INDArray[] {a, b}, new INDArray[] {y}, transposeA ? 1 : 0, transposeB ? 1 : 0, 0);
    }

    /** x = max(x, 0). */
    public void rectify(INDArray x) {
        Nd4j.exec(new RectifiedLinear(x, x, 0));
    }

    /** y = 1 where x is above 0, else 0. */
    public void step(INDArray x, INDArray y) {
        Nd4j.exec(new Step(x, y, 0));
    }

    private static void execute(String operation, INDArray[] inputs, INDArray[] outputs, int... arguments) {
        DynamicCustomOp.DynamicCustomOpsBuilder builder =
                DynamicCustomOp.builder(operation).addInputs(inputs).addOutputs(outputs);
        if (arguments.length > 0) {
            builder.addIntegerArguments(arguments);
        }
        Nd4j.exec(builder.build());
    }

    private INDArray rowOfOnes(long columns, DataType type) {
        if (row == null || row.length() < columns) {
            if (row != null) {
                row.close();
            }
            row = constant(1, type, 1, columns);
        }
        return row.get(NDArrayIndex.all(), NDArrayIndex.interval(0, columns));
    }

    /** An array outside workspaces, kept until the end. */
    private static INDArray constant(int value, DataType type, long... shape) {
        return Nd4j.createUninitializedDetached(type, shape).assign(value);
    }

    @Override
    public void close() {
        zeros.values().forEach(INDArray::close);
        zeros.clear();
        ones.values().forEach(INDArray::close);
        ones.clear();
        if (row != null) {
            row.close();
            row = null;
        }
    }
}
