package io.contrastream.learning.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.GoldenLines;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.ParameterSpec.Role;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTest {

    private static final ImageShape INPUT = new ImageShape(3, 32, 32);

    private static EncoderSpec spec(Architecture architecture, Stem stem) {
        return EncoderSpec.of(architecture, stem, INPUT, Normalization.CIFAR100);
    }

    private static List<String> parameters(EncoderSpec spec) {
        return spec.network().parameters().stream()
                .map(parameter -> parameter.name() + " "
                        + Arrays.stream(parameter.shape())
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining("x")))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"RESNET18", "RESNET34", "RESNET50"})
    void hasTorchvisionsParametersInTorchvisionsOrderAndThenTheHead(Architecture architecture) throws IOException {
        List<String> expected = GoldenLines.of("torchvision-parameters.csv").stream()
                .filter(cells -> cells[0].equals(architecture.id()))
                .map(cells -> cells[1] + " " + cells[2])
                .toList();
        List<String> parameters = parameters(spec(architecture, Stem.IMAGENET));
        assertThat(expected).hasSizeGreaterThanOrEqualTo(100);

        assertThat(parameters.subList(0, expected.size())).isEqualTo(expected);
        int size = spec(architecture, Stem.IMAGENET).embeddingSize();
        assertThat(parameters.subList(expected.size(), parameters.size()))
                .containsExactly(
                        "head.0.weight " + size + "x" + size,
                        "head.0.bias " + size,
                        "head.2.weight 128x" + size,
                        "head.2.bias 128");
    }

    @ParameterizedTest
    @EnumSource
    void withItsStagesItHasThreeOutputsMoreAndTheSameParameters(Architecture architecture) {
        Network network = spec(architecture, Stem.CIFAR).network();
        Network staged = network.withStages();

        assertThat(network.outputs()).containsOnlyKeys("features", "projection");
        assertThat(staged.outputs())
                .containsOnlyKeys("features", "projection", "stage1", "stage2", "stage3")
                .containsAllEntriesOf(network.outputs());
        assertThat(staged.parameters()).usingRecursiveComparison().isEqualTo(network.parameters());
        assertThat(staged.nodes().subList(network.nodes().size(), staged.nodes().size()))
                .extracting(node -> node.inputs().get(0))
                .containsExactly(
                        "layer1." + (architecture.blocks()[0] - 1) + ".relu",
                        "layer2." + (architecture.blocks()[1] - 1) + ".relu",
                        "layer3." + (architecture.blocks()[2] - 1) + ".relu");
        assertThat(staged.hasUnitRows("stage2")).isFalse();
    }

    @Test
    void theSlimEncoderIsThatOfSupervisedContrastiveReplay() {
        EncoderSpec spec = spec(Architecture.RESNET18_SLIM, Stem.CIFAR);
        assertThat(spec.embeddingSize()).isEqualTo(160);
        assertThat(parameters(spec))
                .startsWith("conv1.weight 20x3x3x3", "bn1.weight 20", "bn1.bias 20")
                .contains(
                        "layer2.0.downsample.0.weight 40x20x1x1",
                        "layer4.1.conv2.weight 160x160x3x3",
                        "layer4.1.bn2.running_var 160");
        long trained = spec.network().parameters().stream()
                .filter(parameter ->
                        parameter.role().trained() && !parameter.name().startsWith("head."))
                .mapToLong(ParameterSpec::size)
                .sum();
        // 1,109,240 with the paper's classifier of 100 classes, which is 160 · 100 + 100
        assertThat(trained).isEqualTo(1_109_240 - 16_100);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void everyGraphIsWellFormedWithEitherStem(Architecture architecture) {
        for (Stem stem : Stem.values()) {
            Network network = spec(architecture, stem).network();
            assertThat(network.nodes().get(0)).isInstanceOf(Node.Input.class);
            assertThat(network.nodes().stream().filter(Node.MaxPool.class::isInstance))
                    .hasSize(stem == Stem.IMAGENET ? 1 : 0);
            Set<String> used = new HashSet<>(List.of(network.embedding(), network.projection()));
            network.nodes().forEach(node -> used.addAll(node.inputs()));
            assertThat(used)
                    .containsAll(network.nodes().stream().map(Node::name).toList());
        }
    }

    @Test
    void initialValuesHaveTheDistributionOfTheirRole() {
        Network network = spec(Architecture.RESNET18_SLIM, Stem.CIFAR).network();
        List<Tensor> tensors = network.initialParameters(3);
        for (int i = 0; i < tensors.size(); i++) {
            ParameterSpec parameter = network.parameters().get(i);
            float[] values = tensors.get(i).values();
            assertThat(tensors.get(i).name()).isEqualTo(parameter.name());
            assertThat(tensors.get(i).shape()).isEqualTo(parameter.shape());
            switch (parameter.role()) {
                case NORM_WEIGHT, RUNNING_VARIANCE -> assertThat(values).containsOnly(1);
                case NORM_BIAS, RUNNING_MEAN -> assertThat(values).containsOnly(0);
                case CONVOLUTION_WEIGHT -> {
                    double variance = 2.0
                            / (parameter.shape()[0]
                                    * parameter.shape()[2]
                                    * parameter.shape()[3]);
                    assertMoments(parameter, values, variance, 2);
                }
                case LINEAR_WEIGHT, LINEAR_BIAS -> {
                    double bound = 1 / Math.sqrt(160);
                    for (float value : values) {
                        assertThat((double) value).isBetween(-bound, bound);
                    }
                    assertMoments(parameter, values, bound * bound / 3, 0.8);
                }
            }
        }
    }

    /** Mean and variance within five deviations of their own; {@code spread} is (fourth moment / variance²) − 1. */
    private static void assertMoments(ParameterSpec parameter, float[] values, double variance, double spread) {
        double mean = 0;
        double squares = 0;
        for (float value : values) {
            mean += value / (double) values.length;
            squares += (double) value * value / values.length;
        }
        assertThat(mean).as(parameter.name()).isCloseTo(0, within(5 * Math.sqrt(variance / values.length)));
        assertThat(squares / variance).as(parameter.name()).isCloseTo(1, within(5 * Math.sqrt(spread / values.length)));
    }

    @Test
    void initialValuesAreAFunctionOfTheSeed() {
        Network network = spec(Architecture.RESNET18_SLIM, Stem.CIFAR).network();
        assertThat(network.initialParameters(3)).isEqualTo(network.initialParameters(3));
        assertThat(network.initialParameters(3).get(0))
                .isNotEqualTo(network.initialParameters(4).get(0));
        // conv1.weight has deviation √(2 / (20 · 3 · 3)) and takes the stream that random-stream.csv starts with
        assertThat((double) network.initialParameters(0).get(0).values()[0])
                .isCloseTo(Math.sqrt(2.0 / 180) * FIRST_GAUSSIAN, within(1e-8));
    }

    private static final double FIRST_GAUSSIAN = 0.8736116999959389;

    @Test
    void onlyWeightsAndBiasesAreTrained() {
        assertThat(Arrays.stream(Role.values()).filter(role -> !role.trained()))
                .containsExactly(Role.RUNNING_MEAN, Role.RUNNING_VARIANCE);
    }

    @Test
    void aNodeThatTakesWhatIsNotThereIsRefused() {
        assertThatThrownBy(() ->
                        new Network(List.of(new Node.Input("images"), new Node.Relu("relu", "conv")), "relu", "relu"))
                .hasMessage("node relu takes [conv], which do not all come before it");
        assertThatThrownBy(() -> new Network(
                        List.of(new Node.Input("images"), new Node.Relu("images", "images")), "images", "images"))
                .hasMessage("two nodes have the name images");
    }

    @Test
    void aSpecificationOutOfRangeIsRefused() {
        assertThatThrownBy(
                        () -> new EncoderSpec(Architecture.RESNET18, Stem.CIFAR, 0, INPUT, 128, Normalization.CIFAR100))
                .hasMessage("width must be at least 1, but is 0");
        assertThatThrownBy(() -> spec(Architecture.of("resnet19"), Stem.CIFAR))
                .hasMessageContaining("unknown architecture 'resnet19', allowed: resnet18-slim, resnet18");
        assertThatThrownBy(() -> EncoderSpec.of(
                        Architecture.RESNET18, Stem.CIFAR, new ImageShape(1, 28, 28), Normalization.CIFAR100))
                .hasMessage("normalisation has 3 channels, but the input 1x28x28 has 1");
    }
}
