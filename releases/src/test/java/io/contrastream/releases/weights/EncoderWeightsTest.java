package io.contrastream.releases.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.releases.Golden;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.safetensors.Header;
import io.contrastream.releases.safetensors.SafetensorsReader;
import io.contrastream.releases.safetensors.SafetensorsWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderWeightsTest {

    private static final EncoderSpec TORCHVISION = spec(Architecture.RESNET18, Stem.IMAGENET, 2, 24, 128);
    private static final EncoderSpec SUPCONTRAST = spec(Architecture.RESNET50, Stem.CIFAR, 1, 12, 4);

    /** Images in, embeddings out: all of names, shapes, types, order and arithmetic at once. */
    @ParameterizedTest
    @CsvSource({"torchvision, RESNET18, IMAGENET, 2, 24", "supcontrast, RESNET50, CIFAR, 1, 12"})
    void embedsAsTheModelDoesThatTheWeightsComeFrom(
            String name, Architecture architecture, Stem stem, int width, int side) throws IOException {
        EncoderSpec spec = spec(architecture, stem, width, side, 4);
        Map<String, Tensor> golden = Golden.tensors(name + "-embeddings.safetensors");
        float[] images = golden.get("images").values(); // [3, C, H, W]

        try (Encoder encoder = EncoderEngine.find()
                .create(
                        spec,
                        new TrainingOptions(OptimizerOptions.sgd(0.1, 0.9, 0), 0.1),
                        new DeviceOptions("cpu", 1, 0),
                        3)) {
            float[] before = encoder.embed(images, 3);
            encoder.load(read(name + ".safetensors", spec).start(spec));
            float[] embeddings = encoder.embed(images, 3); // [3, D]

            float[] expected = golden.get("embeddings").values();
            assertThat(embeddings).hasSameSizeAs(expected).isNotEqualTo(before);
            for (int i = 0; i < expected.length; i++) {
                assertThat(embeddings[i]).isCloseTo(expected[i], within(1e-5f));
            }
            byte[] pixels = new byte[3 * spec.input().size()];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (255 * images[i]);
            }
            StepInput input = StepInput.plain(spec.input(), pixels, new int[] {0, 0, 1});
            SupCon objective = new SupCon(Network.PROJECTION, 0.1, SupCon.Variant.OUT);
            assertThat(encoder.train(input, objective, StepRate.FULL).taken()).isTrue();
        }
    }

    @Test
    void leavesOutATorchvisionClassifierAndStartsAFreshHead() throws IOException {
        EncoderWeights weights = read("torchvision.safetensors", TORCHVISION);

        assertThat(weights.match().loaded()).hasSize(100).startsWith("conv1.weight", "bn1.weight");
        assertThat(weights.match().fresh())
                .containsExactly("head.0.weight", "head.0.bias", "head.2.weight", "head.2.bias");
        assertThat(weights.match().leftOut()).hasSize(22).contains("fc.weight", "fc.bias", "bn1.num_batches_tracked");
        assertThat(weights.parameters().subList(100, 104))
                .isEqualTo(TORCHVISION.network().initialParameters(9).subList(100, 104));
        assertThat(weights.match())
                .hasToString("100 arrays loaded; freshly initialised: head.0.weight, head.0.bias, head.2.weight,"
                        + " head.2.bias; left out: bn1.num_batches_tracked, fc.bias, fc.weight and 19 more");
    }

    @Test
    void takesTheHeadOfASupContrastCheckpoint() throws IOException {
        EncoderWeights weights = read("supcontrast.safetensors", SUPCONTRAST);

        assertThat(weights.match().fresh()).isEmpty();
        assertThat(weights.match().leftOut()).isNotEmpty().allMatch(name -> name.endsWith("num_batches_tracked"));
        assertThat(weights.parameters())
                .last()
                .extracting(Tensor::values)
                .isEqualTo(Golden.tensors("supcontrast.safetensors")
                        .get("head.2.bias")
                        .values());
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void readsWhatItWrote(Architecture architecture) throws IOException {
        EncoderSpec spec = spec(architecture, Stem.CIFAR, 2, 8, 3);
        EncoderState state =
                new EncoderState(spec.fingerprint(), 12, spec.network().initialParameters(1), List.of());
        byte[] file = export(state);

        EncoderWeights weights = EncoderWeights.read(new ByteArrayInputStream(file), file.length, "export", spec, 2);

        assertThat(weights.start(spec))
                .isEqualTo(new EncoderState(spec.fingerprint(), 0, state.parameters(), List.of()));
        assertThat(weights.match().fresh()).isEmpty();
        assertThat(weights.match().leftOut()).isEmpty();
        assertThat(header(file).metadata())
                .containsEntry("format", "pt")
                .containsEntry("contrastream.model", "birds")
                .containsEntry("contrastream.encoder-version", "12")
                .containsEntry("contrastream.fingerprint", spec.fingerprint())
                .containsEntry("contrastream.architecture", architecture.id())
                .containsEntry("contrastream.mean", "[0.485, 0.456, 0.406]")
                .containsEntry("contrastream.std", "[0.229, 0.224, 0.225]");
    }

    @ParameterizedTest
    @CsvSource({
        "torchvision, architecture=resnet18 stem=imagenet width=2 channels=3 projection=none",
        "supcontrast, architecture=resnet50 stem=cifar width=1 channels=3 projection=4"
    })
    void tellsTheNetworkFromTheShapes(String name, String network) throws IOException {
        assertThat(new WeightsLayout(name, Golden.reader(name + ".safetensors").header()).network())
                .hasValueSatisfying(found -> assertThat(found).hasToString(network));
    }

    @ParameterizedTest
    @CsvSource({
        "20, RESNET18, RESNET18",
        "20, RESNET18_SLIM, RESNET18_SLIM",
        "64, RESNET18_SLIM, RESNET18_SLIM",
        "7, RESNET18_SLIM, RESNET18_SLIM",
        "7, RESNET18, RESNET18",
        "20, , RESNET18_SLIM",
        "64, , RESNET18",
        "7, , RESNET18"
    })
    void tellsTheSlimNetworkByItsNameOrElseByItsWidth(int width, Architecture named, Architecture architecture)
            throws IOException {
        EncoderSpec spec = spec(named == null ? Architecture.RESNET18 : named, Stem.CIFAR, width, 8, 3);
        byte[] file =
                export(new EncoderState(spec.fingerprint(), 0, spec.network().initialParameters(1), List.of()));
        Header header = header(file);

        assertThat(new WeightsLayout("export", named == null ? new Header(Map.of(), header.tensors()) : header)
                        .network())
                .contains(new StoredNetwork(architecture, Stem.CIFAR, width, 3, 3));
    }

    @Test
    void namesTheShapesThatDoNotFitAndTheNetworkThatWould() {
        assertThatThrownBy(() -> read("torchvision.safetensors", spec(Architecture.RESNET18, Stem.CIFAR, 2, 24, 8)))
                .isInstanceOf(WeightsException.class)
                .hasMessage(
                        "torchvision.safetensors: it does not fit the network architecture=resnet18 stem=cifar width=2"
                                + " input=3x24x24 projection=8 mean=[0.485, 0.456, 0.406] std=[0.229, 0.224, 0.225]:"
                                + " conv1.weight has the shape [2, 3, 7, 7] in the file, but [2, 3, 3, 3] in the network;"
                                + " it would fit architecture=resnet18 stem=imagenet width=2 channels=3 projection=none");
        assertThatThrownBy(() -> read("supcontrast.safetensors", spec(Architecture.RESNET50, Stem.CIFAR, 1, 12, 8)))
                .hasMessageContaining("head.2.weight has the shape [4, 32] in the file, but [8, 32] in the network;"
                        + " head.2.bias has the shape [4] in the file, but [8] in the network; it would fit"
                        + " architecture=resnet50 stem=cifar width=1 channels=3 projection=4");
    }

    @Test
    void takesNoWeightsThatAreUsedToOtherPixels() throws IOException {
        EncoderSpec spec = spec(Architecture.RESNET18, Stem.CIFAR, 2, 8, 3);
        EncoderSpec other = new EncoderSpec(
                spec.architecture(),
                spec.stem(),
                2,
                spec.input(),
                3,
                new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.229f, 0.224f, 0.225f)));
        byte[] file =
                export(new EncoderState(spec.fingerprint(), 1, spec.network().initialParameters(1), List.of()));

        assertThatThrownBy(() -> new WeightsLayout("export", header(file)).match(other))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(
                        ": contrastream.mean is [0.485, 0.456, 0.406] in the file, but [0.5, 0.5, 0.5] in the"
                                + " network; it would fit");
    }

    /** Every array of the smaller network is there, in its shape. */
    @Test
    void takesNoPartOfADeeperNetwork() throws IOException {
        EncoderSpec deep = spec(Architecture.RESNET34, Stem.IMAGENET, 2, 24, 8);
        byte[] file =
                export(new EncoderState(deep.fingerprint(), 0, deep.network().initialParameters(1), List.of()));

        assertThatThrownBy(() -> EncoderWeights.read(
                        new ByteArrayInputStream(file),
                        file.length,
                        "deep",
                        spec(Architecture.RESNET18, Stem.IMAGENET, 2, 24, 8),
                        1))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer1.2.bn1.bias of shape [2] is not in the network")
                .hasMessageContaining("it would fit architecture=resnet34 stem=imagenet width=2");
    }

    @Test
    void namesWhatIsMissing() throws IOException {
        List<Tensor> all = TORCHVISION.network().initialParameters(1);
        byte[] withoutOne = file(all.stream()
                .filter(tensor -> !tensor.name().equals("head.0.bias"))
                .toList());
        byte[] nothing = file(List.of());

        assertThatThrownBy(() -> new WeightsLayout("one", header(withoutOne)).match(TORCHVISION))
                .hasMessageContaining("head.0.bias of shape [16] is missing");
        assertThatThrownBy(() -> new WeightsLayout("none", header(nothing)).match(TORCHVISION))
                .hasMessageContaining("conv1.weight of shape [2, 3, 7, 7] is missing;")
                .hasMessageEndingWith("; and 97 more");
    }

    @Test
    void takesNoNameTwice() throws IOException {
        List<Tensor> tensors = new ArrayList<>(TORCHVISION.network().initialParameters(1));
        tensors.add(new Tensor("module.bn1.bias", new int[] {2}, new float[2]));
        Header header = header(file(tensors));

        assertThatThrownBy(() -> new WeightsLayout("twice", header))
                .hasMessage("twice: tensors 'bn1.bias' and 'module.bn1.bias' are both bn1.bias");
    }

    @ParameterizedTest
    @CsvSource({
        "conv1.weight, conv1.weight",
        "encoder.module.layer2.0.shortcut.1.running_mean, layer2.0.downsample.1.running_mean",
        "module.encoder.layer2.0.shortcut.0.weight, layer2.0.downsample.0.weight",
        "module.head.2.bias, head.2.bias",
        "_orig_mod.conv1.weight, conv1.weight",
        "model.bn1.running_var, bn1.running_var",
        "backbone.layer1.0.conv1.weight, layer1.0.conv1.weight",
        "module.encoder_q.layer4.1.bn2.bias, layer4.1.bn2.bias",
        "module.encoder_k.layer4.1.bn2.bias, encoder_k.layer4.1.bn2.bias",
        "model._orig_mod.backbone.layer2.0.downsample.0.weight, layer2.0.downsample.0.weight",
        "models.conv1.weight, models.conv1.weight",
        "shortcut.weight, shortcut.weight"
    })
    void knowsNamesOfOtherProjects(String stored, String canonical) {
        assertThat(WeightNames.canonical(stored)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "module.",
                "_orig_mod.",
                "model.",
                "backbone.",
                "encoder.",
                "encoder_q.",
                "module.model._orig_mod.backbone."
            })
    void readsWeightsBehindEveryPrefix(String prefix) throws IOException {
        List<Tensor> all = TORCHVISION.network().initialParameters(1);
        List<Tensor> stored = prefixed(prefix, all);
        // The other encoder of MoCo, and its queue, are no part of the network.
        stored.addAll(prefixed("module.encoder_k.", all));
        stored.add(new Tensor("module.queue", new int[] {2}, new float[2]));
        byte[] file = file(stored);

        EncoderWeights weights =
                EncoderWeights.read(new ByteArrayInputStream(file), file.length, "prefixed", TORCHVISION, 2);

        assertThat(weights.parameters()).isEqualTo(all);
        assertThat(weights.match().leftOut()).contains("module.queue", "module.encoder_k.conv1.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "student.net., student.net.",
        "model.trunk., trunk.",
        "trunk.module., trunk.module.",
    })
    void namesAPrefixThatItDoesNotKnow(String prefix, String named) throws IOException {
        List<Tensor> stored = prefixed(prefix, TORCHVISION.network().initialParameters(1));
        stored.add(new Tensor("epoch.counter", new int[] {1}, new float[1]));
        Header header = header(file(stored));

        assertThatThrownBy(() -> new WeightsLayout("prefixed", header).match(TORCHVISION))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("conv1.weight of shape [2, 3, 7, 7] is missing")
                .hasMessageContaining(
                        "its names begin with '" + named + "', which is none of the prefixes that are"
                                + " recognised, alone or nested: module., _orig_mod., model., backbone., encoder., encoder_q.;");
    }

    @Test
    void namesThePrefixesOfTwoNetworksAndOfAnotherKindOfNetwork() throws IOException {
        List<Tensor> all = TORCHVISION.network().initialParameters(1);
        List<Tensor> stored = prefixed("student.", all);
        stored.addAll(prefixed("teacher.", all));
        Header two = header(file(stored));
        Header other = header(file(prefixed(
                "visual.blocks.",
                List.of(
                        new Tensor("a.weight", new int[] {1}, new float[1]),
                        new Tensor("b.weight", new int[] {1}, new float[1])))));

        assertThatThrownBy(() -> new WeightsLayout("two", two).match(TORCHVISION))
                .hasMessageContaining("its names begin with 'student.' and 'teacher.', which");
        assertThatThrownBy(() -> new WeightsLayout("other", other).match(TORCHVISION))
                .hasMessageContaining("its names begin with 'visual.blocks.', which");
        assertThatThrownBy(() -> new WeightsLayout("deeper", header(file(all.subList(0, 90)))).match(TORCHVISION))
                .as("no prefix")
                .hasMessageContaining("is missing")
                .message()
                .doesNotContain("begin with");
    }

    private static List<Tensor> prefixed(String prefix, List<Tensor> tensors) {
        return new ArrayList<>(tensors.stream()
                .map(tensor -> new Tensor(prefix + tensor.name(), tensor.shape(), tensor.values()))
                .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "conv1.weight, NaN, is not finite",
        "bn1.running_var, Infinity, is not finite",
        "layer3.0.downsample.1.running_mean, -Infinity, is not finite",
        "head.2.bias, NaN, is not finite",
        "layer2.1.bn2.running_var, -1, is below 0"
    })
    void refusesWeightsThatNoImageCanBeEmbeddedWith(String name, float value, String problem) throws IOException {
        List<Tensor> stored = prefixed("module.", TORCHVISION.network().initialParameters(1));
        stored.stream().filter(tensor -> tensor.name().equals("module." + name)).forEach(tensor -> {
            tensor.values()[0] = value;
            tensor.values()[1] = value;
        });
        byte[] file = file(stored);

        assertThatThrownBy(() ->
                        EncoderWeights.read(new ByteArrayInputStream(file), file.length, "broken", TORCHVISION, 1))
                .isInstanceOf(WeightsException.class)
                .hasMessageMatching("broken: tensor 'module." + name + "' has 2 of \\d+ values "
                        + (problem.endsWith("finite") ? "that are not finite" : "below 0, but has variances")
                        + ": no image could be embedded with these weights");
    }

    @Test
    void tellsTheFirstFewOfManyTensorsThatAreNotFinite() throws IOException {
        List<Tensor> stored = TORCHVISION.network().initialParameters(1);
        stored.forEach(tensor -> Arrays.fill(tensor.values(), Float.NaN));
        byte[] file = file(stored);

        assertThatThrownBy(
                        () -> EncoderWeights.read(new ByteArrayInputStream(file), file.length, "nan", TORCHVISION, 1))
                .hasMessageContaining("tensor 'bn1.bias' has 2 of 2 values that are not finite")
                .hasMessageContaining("; and 101 more tensors: ");
    }

    @Test
    void writesNoWeightsThatAreNotFinite() {
        List<Tensor> parameters = TORCHVISION.network().initialParameters(1);
        parameters.get(3).values()[1] = Float.NaN;
        EncoderState state = new EncoderState(TORCHVISION.fingerprint(), 3, parameters, List.of());

        assertThatThrownBy(() -> export(state))
                .isInstanceOf(IOException.class)
                .hasMessage("tensor 'bn1.running_mean' has 1 of 2 values that are not finite");
    }

    /** A part that is left out may be anything. */
    @Test
    void readsAroundWhatIsNotFiniteAndNotOfTheNetwork() throws IOException {
        List<Tensor> stored = new ArrayList<>(TORCHVISION.network().initialParameters(1));
        stored.add(new Tensor("fc.weight", new int[] {2}, new float[] {Float.NaN, 1}));
        byte[] file = file(stored);

        assertThat(EncoderWeights.read(new ByteArrayInputStream(file), file.length, "fc", TORCHVISION, 1)
                        .match()
                        .leftOut())
                .containsExactly("fc.weight");
    }

    /** A double that no float can hold, and a half that overflowed in training. */
    @Test
    void refusesWhatIsTooLargeForItsType() throws IOException {
        EncoderSpec spec = spec(Architecture.RESNET18, Stem.CIFAR, 1, 8, 2);
        for (String type : List.of("F64", "F16", "BF16")) {
            byte[] file = typed(spec, type);
            assertThatThrownBy(() -> EncoderWeights.read(new ByteArrayInputStream(file), file.length, type, spec, 1))
                    .as(type)
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("tensor 'conv1.weight' has 1 of 27 values that are not finite"
                            + (type.equals("F64") ? " as 32-bit floats" : ""));
        }
    }

    /** All ones, in a type, but the first value of the first tensor. */
    private static byte[] typed(EncoderSpec spec, String type) {
        int bytes = type.equals("F64") ? 8 : 2;
        StringBuilder json = new StringBuilder("{");
        int end = 0;
        for (Tensor tensor : spec.network().initialParameters(1)) {
            json.append(String.format(
                    "%s\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
                    end == 0 ? "" : ",",
                    tensor.name(),
                    type,
                    Arrays.toString(tensor.shape()),
                    end,
                    end += bytes * tensor.values().length));
        }
        byte[] header = json.append("}").toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + end).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        short one = (short) (type.equals("F16") ? 0x3c00 : 0x3f80);
        short infinite = (short) (type.equals("F16") ? 0x7c00 : 0x7f80);
        for (boolean first = true; file.hasRemaining(); first = false) {
            if (bytes == 8) {
                file.putDouble(first ? 1e300 : 1);
            } else {
                file.putShort(first ? infinite : one);
            }
        }
        return file.array();
    }

    private static EncoderSpec spec(Architecture architecture, Stem stem, int width, int side, int projection) {
        return new EncoderSpec(
                architecture, stem, width, new ImageShape(3, side, side), projection, Normalization.IMAGENET);
    }

    private static EncoderWeights read(String name, EncoderSpec spec) throws IOException {
        byte[] bytes = Golden.bytes(name);
        return EncoderWeights.read(new ByteArrayInputStream(bytes), bytes.length, name, spec, 9);
    }

    private static byte[] export(EncoderState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EncoderWeights.write("birds", state, out);
        return out.toByteArray();
    }

    private static byte[] file(List<Tensor> tensors) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(Map.of(), tensors, out);
        return out.toByteArray();
    }

    private static Header header(byte[] file) throws IOException {
        return new SafetensorsReader(new ByteArrayInputStream(file), file.length, "file").header();
    }
}
