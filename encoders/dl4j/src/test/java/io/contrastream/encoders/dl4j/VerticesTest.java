package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

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
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.3);
        try (Dl4jEncoder operations = new Dl4jEncoder(spec, training, Vertices.OPERATIONS, DataType.DOUBLE, 11);
                Dl4jEncoder oneDnn = new Dl4jEncoder(spec, training, Vertices.oneDnn(), DataType.FLOAT, 11)) {
            EncoderState state = awayFromZero(oneDnn.state());
            operations.load(state);
            oneDnn.load(state);
            float[] views = views(spec.input());
            assertThat(relativeError(gradient(oneDnn, views), gradient(operations, views)))
                    .isLessThan(1e-4);
        }
    }

    /** Normalised values move by 3.5 of their standard deviations, up in every other channel and down in the ones between. */
    private static EncoderState awayFromZero(EncoderState state) {
        List<Tensor> parameters = state.parameters().stream()
                .map(parameter -> NORM_BIAS.matcher(parameter.name()).matches() ? shifted(parameter) : parameter)
                .toList();
        return new EncoderState(state.fingerprint(), state.step(), parameters, state.optimizerSlots());
    }

    private static Tensor shifted(Tensor bias) {
        float[] values = new float[bias.values().length];
        for (int channel = 0; channel < values.length; channel++) {
            values[channel] = channel % 2 == 0 ? 3.5f : -3.5f;
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
