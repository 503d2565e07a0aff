package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.nd4j.Nd4jVertices;
import io.contrastream.encoders.parity.Objectives;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GradientTest {

    private static final int VIEWS = 6;
    private static final int[] LABELS = {3, 3, 7, 7, 3, 9};

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(Architecture.RESNET18_SLIM, Stem.CIFAR, 3),
                Arguments.of(Architecture.RESNET18_SLIM, Stem.IMAGENET, 1),
                Arguments.of(Architecture.RESNET34, Stem.CIFAR, 3),
                Arguments.of(Architecture.RESNET50, Stem.CIFAR, 3),
                Arguments.of(Architecture.RESNET50, Stem.IMAGENET, 3));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theGradientOfTheWholeNetworkIsThatOfFiniteDifferences(Architecture architecture, Stem stem, int channels) {
        NativeBackend.start(TestDevice.OPTIONS);
        int side = stem == Stem.CIFAR
                ? 8
                : 64; // the last maps keep several pixels: the loss of a single one is too curved
        ImageShape shape = new ImageShape(channels, side, side);
        Normalization normalization = channels == 3
                ? Normalization.CIFAR100
                : new Normalization(java.util.List.of(0.4f), java.util.List.of(0.3f));
        EncoderSpec spec = new EncoderSpec(architecture, stem, 3, shape, 5, normalization);
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.3);
        Objective objective = Objectives.classified(training);
        try (Dl4jEncoder encoder = new Dl4jEncoder(spec, training, new Nd4jVertices(), DataType.DOUBLE, 11)) {
            RandomStream random = RandomStream.of(5, Purpose.GENERATE, 0, 0);
            float[] views = new float[VIEWS * shape.size()];
            for (int i = 0; i < views.length; i++) {
                views[i] = (float) random.nextDouble();
            }
            loss(encoder, views, objective);
            INDArray parameters = encoder.graph().params();
            double[] gradient = Transfer.doubles(encoder.graph().getFlattenedGradients());
            double worst = 0;
            double scale = 0;
            for (int trial = 0; trial < 30; trial++) {
                int i = random.nextInt(gradient.length);
                double value = parameters.getDouble(i);
                double h = 1e-6;
                parameters.putScalar(i, value + h);
                double above = loss(encoder, views, objective);
                parameters.putScalar(i, value - h);
                double below = loss(encoder, views, objective);
                parameters.putScalar(i, value);
                double expected = (above - below) / (2 * h);
                worst = Math.max(worst, Math.abs(expected - gradient[i]));
                scale = Math.max(scale, Math.abs(expected));
            }
            assertThat(worst / scale).isLessThan(1e-5);
        }
    }

    /** In double precision. */
    private static double loss(Dl4jEncoder encoder, float[] views, Objective objective) {
        encoder.gradients(views, LABELS, objective);
        return encoder.graph().loss();
    }
}
