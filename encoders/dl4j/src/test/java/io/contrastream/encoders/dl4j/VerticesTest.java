package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class VerticesTest {

    private static final int[] LABELS = {3, 3, 7, 7, 3, 9, 9, 7};

    /** With widths of which channels fill their blocks, and with such of which they do not. */
    @ParameterizedTest
    @CsvSource({"RESNET18_SLIM, 3", "RESNET18_SLIM, 8", "RESNET18_SLIM, 16", "RESNET18_SLIM, 20", "RESNET50, 3"})
    void oneDnnsVerticesHaveTheGradientOfNd4jsOperations(Architecture architecture, int width) {
        double[] expected = gradient(architecture, width, Vertices.OPERATIONS, DataType.DOUBLE);
        double[] actual = gradient(architecture, width, Vertices.oneDnn(), DataType.FLOAT);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.hypot(difference, actual[i] - expected[i]);
            norm = Math.hypot(norm, expected[i]);
        }
        assertThat(actual).hasSameSizeAs(expected);
        assertThat(difference / norm).isLessThan(1e-3);
    }

    private static double[] gradient(Architecture architecture, int width, Vertices vertices, DataType type) {
        NativeBackend.start(new DeviceOptions("cpu", 2, 0));
        ImageShape shape = new ImageShape(3, 16, 16);
        EncoderSpec spec = new EncoderSpec(architecture, Stem.CIFAR, width, shape, 5, Normalization.CIFAR100);
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.3);
        RandomStream random = RandomStream.of(5, Purpose.GENERATE, 0, 0);
        float[] views = new float[LABELS.length * shape.size()];
        for (int i = 0; i < views.length; i++) {
            views[i] = (float) random.nextDouble();
        }
        try (Dl4jEncoder encoder = new Dl4jEncoder(spec, training, vertices, type, 11)) {
            encoder.differentiate(views, LABELS, FeatureLoss.NONE);
            return Transfer.doubles(encoder.graph().getFlattenedGradients());
        }
    }
}
