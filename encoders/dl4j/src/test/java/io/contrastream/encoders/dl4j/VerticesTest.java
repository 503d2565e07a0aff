package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.nd4j.Nd4jVertices;
import io.contrastream.encoders.dl4j.onednn.OneDnnVertices;
import io.contrastream.encoders.parity.Objectives;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class VerticesTest {

    private static final int[] LABELS = {3, 3, 7, 7, 3, 9, 9, 7};
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.3);
    private static final Pattern NORM_BIAS = Pattern.compile("(.*\\.)?(bn\\d|downsample\\.1)\\.bias");

    /**
     * With widths of which channels fill their blocks, and with such of which they do not. Values in front of a ReLU are kept away from
     * 0, where the gradient jumps and any rounding decides; a few in ten thousand are still on the other side than their channel.
     */
    @ParameterizedTest
    @CsvSource({"RESNET18_SLIM, 3", "RESNET18_SLIM, 8", "RESNET18_SLIM, 16", "RESNET18_SLIM, 20", "RESNET50, 3"})
    void oneDnnsVerticesHaveTheGradientOfNd4jsOperations(Architecture architecture, int width) {
        NativeBackend.start(TestDevice.OPTIONS);
        EncoderSpec spec =
                new EncoderSpec(architecture, Stem.CIFAR, width, new ImageShape(3, 16, 16), 5, Normalization.CIFAR100);
        try (Dl4jEncoder operations = new Dl4jEncoder(spec, TRAINING, new Nd4jVertices(), DataType.DOUBLE, 11);
                Dl4jEncoder oneDnn = new Dl4jEncoder(spec, TRAINING, new OneDnnVertices(false), DataType.FLOAT, 11)) {
            EncoderState state = awayFromZero(oneDnn.state(), 3.5f);
            operations.load(state);
            oneDnn.load(state);
            float[] views = views(spec.input());
            assertThat(relativeError(gradient(oneDnn, views), gradient(operations, views)))
                    .isLessThan(1e-4);
        }
    }

    /**
     * How much the gradient moves when the weights alone are rounded to bf16 tells what a rounding does in this network. A block
     * rounds some eight times (weights, convolved, normalised and summed feature maps, and each one's gradient), independently, so the
     * whole may move it by √8 times as much.
     */
    @ParameterizedTest
    @CsvSource({
        "RESNET18_SLIM, CIFAR, 3",
        "RESNET18_SLIM, CIFAR, 16",
        "RESNET18_SLIM, CIFAR, 20",
        "RESNET18_SLIM, IMAGENET, 8",
        "RESNET50, CIFAR, 3"
    })
    void bf16HasTheGradientOfNd4jsOperationsWithinItsRounding(Architecture architecture, Stem stem, int width) {
        NativeBackend.start(TestDevice.OPTIONS);
        assumeTrue(OneDnnVertices.multipliesHalf(), "the processor has AVX512-BF16");
        int side = stem == Stem.CIFAR ? 16 : 64;
        EncoderSpec spec =
                new EncoderSpec(architecture, stem, width, new ImageShape(3, side, side), 5, Normalization.CIFAR100);
        float[] views = stripes(spec.input());
        try (Dl4jEncoder operations = new Dl4jEncoder(spec, TRAINING, new Nd4jVertices(), DataType.DOUBLE, 11);
                Dl4jEncoder half = new Dl4jEncoder(spec, TRAINING, new OneDnnVertices(true), DataType.FLOAT, 11)) {
            EncoderState state = awayFromZero(half.state(), 1);
            operations.load(state);
            double[] expected = gradient(operations, views);
            operations.load(rounded(state));
            double rounding = relativeError(gradient(operations, views), expected);
            half.load(state);
            double error = relativeError(gradient(half, views), expected);
            System.out.printf("%s %d: bf16 %.3g, of rounded weights %.3g%n", architecture, width, error, rounding);
            assertThat(error).isLessThan(Math.sqrt(8) * rounding).isGreaterThan(rounding / 2);
        }
    }

    private static EncoderState rounded(EncoderState state) {
        return new EncoderState(
                state.fingerprint(),
                state.step(),
                state.parameters().stream()
                        .map(parameter -> parameter.shape().length == 4 ? rounded(parameter) : parameter)
                        .toList(),
                state.optimizerSlots());
    }

    /** To the nearest number whose lower 16 bits are 0. */
    private static Tensor rounded(Tensor weights) {
        float[] values = weights.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat((Float.floatToIntBits(values[i]) + 0x8000) & 0xFFFF0000);
        }
        return new Tensor(weights.name(), weights.shape(), values);
    }

    /** Normalised values move by so many of their standard deviations, up in every other channel and down in the ones between. */
    private static EncoderState awayFromZero(EncoderState state, float shift) {
        List<Tensor> parameters = state.parameters().stream()
                .map(parameter -> NORM_BIAS.matcher(parameter.name()).matches() ? shifted(parameter, shift) : parameter)
                .toList();
        return new EncoderState(state.fingerprint(), state.step(), parameters, state.optimizerSlots());
    }

    private static Tensor shifted(Tensor bias, float shift) {
        float[] values = new float[bias.values().length];
        for (int channel = 0; channel < values.length; channel++) {
            values[channel] = channel % 2 == 0 ? shift : -shift;
        }
        return new Tensor(bias.name(), bias.shape(), values);
    }

    private static float[] views(ImageShape shape) {
        RandomStream random = RandomStream.of(11, Purpose.GENERATE, 0, 0);
        float[] views = new float[LABELS.length * shape.size()];
        for (int i = 0; i < views.length; i++) {
            views[i] = (float) random.nextDouble();
        }
        return views;
    }

    /** Stripes of their own in every view, so that views differ by more than any rounding. */
    private static float[] stripes(ImageShape shape) {
        RandomStream random = RandomStream.of(11, Purpose.GENERATE, 0, 0);
        float[] views = new float[LABELS.length * shape.size()];
        int at = 0;
        for (int plane = 0; plane < LABELS.length * shape.channels(); plane++) {
            double along = 2 * random.nextDouble() - 1;
            double down = 2 * random.nextDouble() - 1;
            double phase = 6 * random.nextDouble();
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    views[at++] =
                            (float) (0.4 + 0.3 * Math.sin(along * x + down * y + phase) + 0.2 * random.nextDouble());
                }
            }
        }
        return views;
    }

    private static double[] gradient(Dl4jEncoder encoder, float[] views) {
        encoder.gradients(views, LABELS, Objectives.contrastive(encoder.training()));
        return Transfer.doubles(encoder.graph().getFlattenedGradients());
    }

    private static double relativeError(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.hypot(difference, actual[i] - expected[i]);
            norm = Math.hypot(norm, expected[i]);
        }
        return difference / norm;
    }
}
