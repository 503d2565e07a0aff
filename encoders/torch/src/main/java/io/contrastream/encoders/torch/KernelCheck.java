package io.contrastream.encoders.torch;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Holds the kernels of a device to their formulas, on the device, so that wrong ones are found before anything is learned with them. */
final class KernelCheck {

    /** Shapes [N, C, H, W] for all ways of dealing an array to threads; the first one has sums of several blocks. */
    private static final List<int[]> SHAPES =
            List.of(new int[] {16, 64, 16, 16}, new int[] {3, 20, 5, 4}, new int[] {2, 136, 3, 3});

    private static final double SINGLE = 2e-5;
    /** Roundings of bfloat16, one on another. */
    private static final double BFLOAT = 2e-2;

    private final Kernels kernels;
    private final String device;

    KernelCheck(Kernels kernels, String device) {
        this.kernels = kernels;
        this.device = device;
    }

    /**
     * Returns kernels that compute what they should.
     *
     * @throws IllegalStateException saying what is wrong with them
     */
    static Kernels passed(Kernels kernels, String device) {
        KernelCheck check = new KernelCheck(kernels, device);
        SHAPES.forEach(shape -> check.require(shape[0], shape[1], shape[2], shape[3]));
        return kernels;
    }

    /** @throws IllegalStateException if they differ from their formulas for arrays of a shape */
    void require(int images, int channels, int height, int width) {
        long[] shape = {images, channels, height, width};
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
            require(shape, type, false, false);
            require(shape, type, true, false);
            require(shape, type, true, true);
        }
    }

    private void require(long[] shape, ScalarType type, boolean relu, boolean residual) {
        Map<String, float[]> actual = computed(kernels, shape, type, relu, residual);
        Map<String, float[]> expected = computed(new FormulaKernels(), shape, type, relu, residual);
        double share = type == ScalarType.Float ? SINGLE : BFLOAT;
        expected.forEach((name, values) -> {
            double largest = 1e-6;
            for (float value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < values.length; i++) {
                float value = actual.get(name)[i];
                if (!(Math.abs(value - values[i]) <= share * largest)) {
                    throw new IllegalStateException("kernels of their own for " + type + " of "
                            + Arrays.toString(shape) + ": " + name + " is " + value
                            + " where the formula says " + values[i]);
                }
            }
        });
    }

    /** All that kernels compute from random arrays, by what it is. */
    private Map<String, float[]> computed(
            Kernels kernels, long[] shape, ScalarType type, boolean relu, boolean residual) {
        try (PointerScope scope = new PointerScope()) {
            int seed = 1;
            Tensor x = random(seed++, type, 2, 3, shape);
            Tensor added = residual ? random(seed++, type, 1, 0, shape) : null;
            Tensor gradient = random(seed++, type, 1, 0.1, shape);
            // With a residual a gradient of one part, without ReLU too: all that a network has.
            Tensor more = residual == relu ? random(seed++, type, 1, 0, shape) : null;
            Tensor weight =
                    random(seed++, ScalarType.Float, 0.3, 0, shape[1]).abs_().add_(new Scalar(0.5));
            Tensor bias = random(seed, ScalarType.Float, 1, 0, shape[1]);
            Map<String, Tensor> all = new LinkedHashMap<>();
            Tensor mean = torch.empty_like(bias);
            Tensor variance = torch.empty_like(bias);
            all.put("mean and 1 / deviation", kernels.statistics(x, mean, variance));
            all.put("mean", mean);
            all.put("unbiased variance", variance);
            // From here on from the same values, so that none is on the other side of 0 in front of a ReLU.
            Tensor statistics = new FormulaKernels().statistics(x, torch.empty_like(mean), torch.empty_like(mean));
            Tensor y = torch.empty_like(x);
            kernels.normalize(x, statistics, weight, bias, added, relu, y);
            all.put("normalised value", y);
            Tensor running = x.clone();
            kernels.normalize(running, bias, weight, weight, bias, added, relu, running);
            all.put("value normalised by running statistics", running);
            Tensor output = torch.empty_like(x);
            new FormulaKernels().normalize(x, statistics, weight, bias, added, relu, output);
            Tensor masked = residual || more != null ? gradient.clone() : null;
            Tensor ofWeight = torch.empty_like(bias);
            Tensor ofBias = torch.empty_like(bias);
            Tensor first = masked == null ? gradient : masked;
            Tensor reduced = kernels.reduce(
                    first, more, x, residual ? output : null, relu, masked, statistics, weight, bias, ofWeight, ofBias);
            all.put("gradient of the bias", ofBias);
            all.put("gradient of the weight", ofWeight);
            Tensor ofX = first.clone();
            kernels.backward(ofX, x, relu && masked == null, statistics, weight, bias, reduced, ofX);
            all.put("gradient of the input", ofX);
            Tensor copy = Native.zeros(device, ScalarType.Float, x.numel());
            kernels.copy(List.of(x.flatten()), List.of(copy));
            all.put("copy", copy);
            Map<String, float[]> values = new LinkedHashMap<>();
            all.forEach((name, tensor) -> values.put(name, Native.floats(tensor.toType(ScalarType.Float))));
            return values;
        }
    }

    /** Normal numbers, the same on every device; images lie channels last. */
    private Tensor random(int seed, ScalarType type, double scale, double shift, long... shape) {
        Random random = new Random(seed);
        Tensor tensor = Native.zeros("cpu", ScalarType.Float, shape);
        float[] values = new float[Math.toIntExact(tensor.numel())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * random.nextGaussian() + shift);
        }
        tensor.data_ptr_float().put(values);
        Tensor there = Native.to(tensor, device, type);
        return shape.length == 4 ? Native.channelsLast(there) : there;
    }
}
