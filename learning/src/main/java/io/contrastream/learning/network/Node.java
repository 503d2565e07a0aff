package io.contrastream.learning.network;

import io.contrastream.learning.network.ParameterSpec.Role;
import java.util.List;

/**
 * One operation of a {@link Network}. Values are [N, C, H, W] up to the global pool and [N, D] after it. Every node has a
 * unique name; nodes with parameters prefix the names of these with it.
 */
public sealed interface Node {

    String name();

    /** Names of the nodes whose outputs it takes. */
    List<String> inputs();

    /** Its arrays, in torchvision's order; none for most operations. */
    default List<ParameterSpec> parameters() {
        return List.of();
    }

    /** Calls the visitor's method for this kind of node. */
    <R> R accept(Visitor<R> visitor);

    /**
     * One method a kind of node: what engines and exports are written as, so that a new kind is an error of the compiler wherever it
     * is not thought of.
     *
     * @param <R> result
     */
    interface Visitor<R> {
        R input(Input node);

        R normalize(Normalize node);

        R convolution(Convolution node);

        R batchNorm(BatchNorm node);

        R relu(Relu node);

        R add(Add node);

        R maxPool(MaxPool node);

        R globalAveragePool(GlobalAveragePool node);

        R linear(Linear node);

        R l2Normalize(L2Normalize node);
    }

    /**
     * A visitor of a few kinds of nodes.
     *
     * @param <R> result
     */
    interface Partial<R> extends Visitor<R> {

        /** Result for all kinds whose own method is not overridden. */
        R otherwise(Node node);

        @Override
        default R input(Input node) {
            return otherwise(node);
        }

        @Override
        default R normalize(Normalize node) {
            return otherwise(node);
        }

        @Override
        default R convolution(Convolution node) {
            return otherwise(node);
        }

        @Override
        default R batchNorm(BatchNorm node) {
            return otherwise(node);
        }

        @Override
        default R relu(Relu node) {
            return otherwise(node);
        }

        @Override
        default R add(Add node) {
            return otherwise(node);
        }

        @Override
        default R maxPool(MaxPool node) {
            return otherwise(node);
        }

        @Override
        default R globalAveragePool(GlobalAveragePool node) {
            return otherwise(node);
        }

        @Override
        default R linear(Linear node) {
            return otherwise(node);
        }

        @Override
        default R l2Normalize(L2Normalize node) {
            return otherwise(node);
        }
    }

    /** The images, [N, C, H, W] in [0, 1]. */
    record Input(String name) implements Node {
        @Override
        public List<String> inputs() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.input(this);
        }
    }

    /** (x − mean) / standard deviation, for every channel its own. */
    record Normalize(String name, String input, List<Float> mean, List<Float> standardDeviation) implements Node {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.normalize(this);
        }
    }

    /** 2-D convolution without bias, square kernel, the same stride and zero padding on both axes. */
    record Convolution(String name, String input, int in, int out, int kernel, int stride, int padding)
            implements Node {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.convolution(this);
        }

        @Override
        public List<ParameterSpec> parameters() {
            int[] shape = {out, in, kernel, kernel};
            return List.of(new ParameterSpec(name + ".weight", shape, Role.CONVOLUTION_WEIGHT, out * kernel * kernel));
        }
    }

    /**
     * Batch normalisation over N, H and W (Ioffe and Szegedy 2015) with PyTorch's constants and semantics: the batch is
     * normalised with its biased variance, the running variance takes the unbiased one, running = (1 − momentum) · running +
     * momentum · batch.
     */
    record BatchNorm(String name, String input, int channels) implements Node {
        public static final double EPSILON = 1e-5;
        public static final double MOMENTUM = 0.1;

        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.batchNorm(this);
        }

        @Override
        public List<ParameterSpec> parameters() {
            int[] shape = {channels};
            return List.of(
                    new ParameterSpec(name + ".weight", shape, Role.NORM_WEIGHT),
                    new ParameterSpec(name + ".bias", shape, Role.NORM_BIAS),
                    new ParameterSpec(name + ".running_mean", shape, Role.RUNNING_MEAN),
                    new ParameterSpec(name + ".running_var", shape, Role.RUNNING_VARIANCE));
        }
    }

    /** max(x, 0). */
    record Relu(String name, String input) implements Node {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.relu(this);
        }
    }

    /** Element-wise sum of two equal shapes. */
    record Add(String name, String left, String right) implements Node {
        @Override
        public List<String> inputs() {
            return List.of(left, right);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.add(this);
        }
    }

    /** Maximum over a square window; the padding never wins. */
    record MaxPool(String name, String input, int kernel, int stride, int padding) implements Node {
        /** Rows or columns of the output of an input that has {@code side} of them. */
        public long size(long side) {
            return (side + 2L * padding - kernel) / stride + 1;
        }

        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.maxPool(this);
        }
    }

    /** Mean over H and W: [N, C, H, W] → [N, C]. */
    record GlobalAveragePool(String name, String input) implements Node {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.globalAveragePool(this);
        }
    }

    /** x · Wᵀ + b: [N, in] → [N, out]. */
    record Linear(String name, String input, int in, int out) implements Node {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.linear(this);
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(
                    new ParameterSpec(name + ".weight", new int[] {out, in}, Role.LINEAR_WEIGHT, in),
                    new ParameterSpec(name + ".bias", new int[] {out}, Role.LINEAR_BIAS, in));
        }
    }

    /** x / max(‖x‖₂, 1e-12), row by row. */
    record L2Normalize(String name, String input) implements Node {
        public static final double EPSILON = 1e-12;

        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.l2Normalize(this);
        }
    }
}
