package io.contrastream.learning.network;

/**
 * One array of numbers that belongs to a network: a trained parameter or a running statistic.
 *
 * @param name torchvision's name, such as {@code layer1.0.conv1.weight}
 * @param shape sides, outermost first
 * @param role what it is, which decides how it starts and whether the optimiser touches it
 * @param fan connections that its initial value is scaled by: fan-out of a convolution, fan-in of a linear layer, else 0
 */
public record ParameterSpec(String name, int[] shape, Role role, int fan) {

    /** An array whose initial value is a constant. */
    ParameterSpec(String name, int[] shape, Role role) {
        this(name, shape, role, 0);
    }

    /** Number of values. */
    public int size() {
        int size = 1;
        for (int side : shape) {
            size *= side;
        }
        return size;
    }

    /** Role of an array, and its initial value: that of torchvision's ResNet and of PyTorch's {@code nn.Linear}. */
    public enum Role {
        /** [out, in, kH, kW]; He et al. 2015, fan-out mode: N(0, 2 / (out · kH · kW)). */
        CONVOLUTION_WEIGHT(true),
        /** [channels]; starts at 1. */
        NORM_WEIGHT(true),
        /** [channels]; starts at 0. */
        NORM_BIAS(true),
        /** [channels]; starts at 0, moved by training, not by the optimiser. */
        RUNNING_MEAN(false),
        /** [channels]; starts at 1, moved by training, not by the optimiser. */
        RUNNING_VARIANCE(false),
        /** [out, in]; U(−1/√in, 1/√in). */
        LINEAR_WEIGHT(true),
        /** [out]; U(−1/√in, 1/√in). */
        LINEAR_BIAS(true);

        private final boolean trained;

        Role(boolean trained) {
            this.trained = trained;
        }

        /** Whether the optimiser updates it. */
        public boolean trained() {
            return trained;
        }
    }
}
