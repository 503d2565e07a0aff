package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.contrastream.encoders.parity.Objectives;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FusionTest {

    private static final Target TARGET = Target.start(TestDevice.OPTIONS);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1, 0.9);

    private static EncoderSpec spec(Architecture architecture, Stem stem) {
        return new EncoderSpec(architecture, stem, 4, new ImageShape(3, 16, 16), 8, Normalization.CIFAR100);
    }

    private static Map<String, Fusion> fusions(Network network) {
        Map<String, Integer> consumers = new HashMap<>();
        network.nodes().forEach(node -> node.inputs().forEach(input -> consumers.merge(input, 1, Integer::sum)));
        return Fusion.of(network, consumers, channels -> true);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void everyNormalisationTakesWhatIsBehindIt(Architecture architecture) {
        Network network = spec(architecture, Stem.IMAGENET).network();
        List<String> fused = fusions(network).values().stream()
                .flatMap(fusion -> fusion.nodes().stream())
                .toList();

        assertThat(fused).doesNotHaveDuplicates();
        for (Node node : network.nodes()) {
            boolean ofHead = node.name().startsWith("head");
            if (node instanceof Node.BatchNorm || node instanceof Node.Add || (node instanceof Node.Relu && !ofHead)) {
                assertThat(fused).contains(node.name());
            }
        }
        assertThat(fusions(network)).doesNotContainKeys(network.embedding(), network.projection());
    }

    @ParameterizedTest
    @CsvSource({"RESNET18_SLIM, CIFAR", "RESNET34, CIFAR", "RESNET50, CIFAR"})
    void theNetworkIsTheSameToTheBitInFewerStages(Architecture architecture, Stem stem) {
        EncoderSpec spec = spec(architecture, stem);
        float[] images = new float[12 * spec.input().size()];
        RandomStream random = RandomStream.of(3, Purpose.GENERATE, 0, 0);
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble();
        }
        int[] labels = {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5};
        try (TorchEncoder alone = encoder(spec, null);
                TorchEncoder fused = encoder(spec, new LibTorchKernels())) {
            assertThat(fused.embed(images, 12)).containsExactly(alone.embed(images, 12));
            List<Tensor> expected = alone.gradients(images, labels, Objectives.contrastive(TRAINING))
                    .read();
            List<Tensor> actual = fused.gradients(images, labels, Objectives.contrastive(TRAINING))
                    .read();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i).name()).isEqualTo(expected.get(i).name());
                assertThat(actual.get(i).values())
                        .as(expected.get(i).name())
                        .containsExactly(expected.get(i).values());
            }
        }
    }

    @Test
    void largeImagesAreEmbeddedAsTheyAreInSmallBatches() {
        assumeTrue(TARGET.cuda());
        EncoderSpec spec = new EncoderSpec(
                Architecture.RESNET18_SLIM, Stem.IMAGENET, 4, new ImageShape(3, 224, 224), 8, Normalization.IMAGENET);
        int size = spec.input().size();
        int count = 42; // enough for parts, the last of which is smaller
        float[] images = new float[count * size];
        RandomStream random = RandomStream.of(4, Purpose.GENERATE, 0, 0);
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble();
        }
        try (TorchEncoder encoder = encoder(spec, TorchEncoder.kernels(TARGET))) {
            float[] together = encoder.embed(images, count);
            int width = together.length / count;
            for (int i = 0; i < count; i += 6) {
                float[] few = encoder.embed(Arrays.copyOfRange(images, i * size, (i + 6) * size), 6);
                assertClose(Arrays.copyOfRange(together, i * width, (i + 6) * width), few, 1e-4);
            }
        }
    }

    private static TorchEncoder encoder(EncoderSpec spec, Kernels kernels) {
        OperationTimes times = new OperationTimes();
        return new TorchEncoder(spec, TRAINING, TARGET, 1, times, new Replays(null, times, warning -> {}), kernels);
    }

    /** Within a share of the largest value. */
    private static void assertClose(float[] actual, float[] expected, double share) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 1e-3;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(share * largest));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "9, 4, 1, 1",
        "3, 20, 9, 7",
        "5, 64, 12, 12",
        "2, 136, 5, 5",
        "220, 64, 32, 32",
        "3, 2048, 7, 7",
        "3, 24, 1, 2"
    })
    void kernelsOfAGpuDoWhatTheFormulasSay(int images, int channels, int height, int width) {
        assumeTrue(TARGET.cuda());
        Kernels kernels = TorchEncoder.kernels(TARGET);
        assertThat(kernels).as("kernels that passed their check at the start").isNotNull();
        new KernelCheck(kernels, TARGET.device()).require(images, channels, height, width);
    }

    @Test
    void aDeviceWhoseKernelsComputeSomethingElseIsFoundOut() {
        KernelCheck right = new KernelCheck(new FormulaKernels(), TARGET.device());
        KernelCheck wrong = new KernelCheck(new WrongKernels(), TARGET.device());

        right.require(3, 20, 5, 4);
        assertThatThrownBy(() -> wrong.require(3, 20, 5, 4))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching(
                        "kernels of their own for Float of \\[3, 20, 5, 4\\]: gradient of the bias is .* where"
                                + " the formula says .*");
    }

    /** Kernels that forget half of a gradient that comes in two parts. */
    private static final class WrongKernels extends FormulaKernels {

        @Override
        public org.bytedeco.pytorch.Tensor reduce(
                org.bytedeco.pytorch.Tensor gradient,
                org.bytedeco.pytorch.Tensor more,
                org.bytedeco.pytorch.Tensor x,
                org.bytedeco.pytorch.Tensor y,
                boolean relu,
                org.bytedeco.pytorch.Tensor masked,
                org.bytedeco.pytorch.Tensor statistics,
                org.bytedeco.pytorch.Tensor weight,
                org.bytedeco.pytorch.Tensor bias,
                org.bytedeco.pytorch.Tensor ofWeight,
                org.bytedeco.pytorch.Tensor ofBias) {
            return super.reduce(gradient, null, x, y, relu, masked, statistics, weight, bias, ofWeight, ofBias);
        }
    }
}
