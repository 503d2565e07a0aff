package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.function.BiFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
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
    @CsvSource({"RESNET18_SLIM, CIFAR", "RESNET18, IMAGENET", "RESNET50, CIFAR"})
    void theNetworkIsTheSameInFewerPasses(Architecture architecture, Stem stem) {
        EncoderSpec spec = spec(architecture, stem);
        float[] images = new float[12 * spec.input().size()];
        RandomStream random = RandomStream.of(3, Purpose.GENERATE, 0, 0);
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble();
        }
        int[] labels = {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5};
        try (TorchEncoder alone = encoder(spec, null);
                TorchEncoder fused = encoder(spec, new PlainKernels())) {
            assertClose(fused.embed(images, 12), alone.embed(images, 12), 1e-5);
            List<Tensor> expected = alone.gradients(images, labels, Objectives.contrastive(TRAINING))
                    .read();
            List<Tensor> actual = fused.gradients(images, labels, Objectives.contrastive(TRAINING))
                    .read();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i).name()).isEqualTo(expected.get(i).name());
                assertClose(actual.get(i).values(), expected.get(i).values(), 1e-3);
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
        "2, 4, 1, 1",
        "3, 20, 9, 7",
        "5, 64, 12, 12",
        "2, 136, 5, 5",
        "220, 64, 32, 32",
        "3, 2048, 7, 7",
        "1, 24, 1, 2"
    })
    void kernelsOfAGpuDoWhatTheFormulasSay(int images, int channels, int height, int width) {
        assumeTrue(TARGET.cuda());
        Kernels kernels = TorchEncoder.kernels(TARGET);
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
            double share = type == ScalarType.Float ? 1e-5 : 1.5e-2;
            for (boolean relu : new boolean[] {false, true}) {
                for (boolean residual : relu ? new boolean[] {false, true} : new boolean[] {false}) {
                    long[] shape = {images, channels, height, width};
                    assertClose(
                            everything(kernels, shape, type, relu, residual),
                            everything(new PlainKernels(), shape, type, relu, residual),
                            share);
                }
            }
        }
    }

    /** All that the kernels compute, behind each other, each with its largest value as 1. */
    private static float[] everything(Kernels kernels, long[] shape, ScalarType type, boolean relu, boolean residual) {
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(5);
            int channels = (int) shape[1];
            BiFunction<Double, Double, org.bytedeco.pytorch.Tensor> draw = (scale, shift) ->
                    Native.channelsLast(Native.to(torch.randn(shape), TARGET.device(), ScalarType.Float)
                            .mul(new org.bytedeco.pytorch.Scalar(scale))
                            .add(new org.bytedeco.pytorch.Scalar(shift))
                            .toType(type));
            org.bytedeco.pytorch.Tensor x = draw.apply(2.0, 3.0);
            org.bytedeco.pytorch.Tensor added = draw.apply(1.0, 0.0);
            org.bytedeco.pytorch.Tensor gradient = draw.apply(1.0, 0.1);
            org.bytedeco.pytorch.Tensor weight = Native.to(torch.rand(channels), TARGET.device(), ScalarType.Float)
                    .add_(new org.bytedeco.pytorch.Scalar(0.5));
            org.bytedeco.pytorch.Tensor bias = Native.to(torch.randn(channels), TARGET.device(), ScalarType.Float);
            org.bytedeco.pytorch.Tensor mean = torch.empty_like(bias);
            org.bytedeco.pytorch.Tensor variance = torch.empty_like(bias);
            org.bytedeco.pytorch.Tensor saved = kernels.statistics(x, mean, variance);
            // From here on from the same statistics, so that no sign in front of a ReLU is another.
            org.bytedeco.pytorch.Tensor given =
                    new PlainKernels().statistics(x, torch.empty_like(mean), torch.empty_like(mean));
            org.bytedeco.pytorch.Tensor y = torch.empty_like(x);
            kernels.normalize(x, given, weight, bias, residual ? added : null, relu, y);
            org.bytedeco.pytorch.Tensor running = torch.empty_like(x);
            kernels.normalize(x, bias, weight, weight, bias, residual ? added : null, relu, running);
            org.bytedeco.pytorch.Tensor output = torch.empty_like(x);
            new PlainKernels().normalize(x, given, weight, bias, residual ? added : null, relu, output);
            org.bytedeco.pytorch.Tensor more = residual == relu ? null : draw.apply(1.0, 0.0);
            org.bytedeco.pytorch.Tensor masked = residual || more != null ? torch.zeros_like(x) : null;
            org.bytedeco.pytorch.Tensor ofWeight = torch.empty_like(bias);
            org.bytedeco.pytorch.Tensor ofBias = torch.empty_like(bias);
            org.bytedeco.pytorch.Tensor reduced = kernels.reduce(
                    gradient, more, x, residual ? output : null, relu, masked, given, weight, bias, ofWeight, ofBias);
            org.bytedeco.pytorch.Tensor ofX = torch.empty_like(x);
            kernels.backward(
                    masked == null ? gradient : masked, x, relu && masked == null, given, weight, bias, reduced, ofX);
            float[] all = {};
            for (org.bytedeco.pytorch.Tensor tensor :
                    List.of(mean, variance, saved, y, running, ofWeight, ofBias, ofX)) {
                float[] values = Native.floats(tensor.toType(ScalarType.Float));
                float largest = 1e-6f;
                for (float value : values) {
                    largest = Math.max(largest, Math.abs(value));
                }
                int before = all.length;
                all = Arrays.copyOf(all, before + values.length);
                for (int i = 0; i < values.length; i++) {
                    all[before + i] = values[i] / largest;
                }
            }
            return all;
        }
    }
}
