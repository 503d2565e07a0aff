package io.contrastream.operators.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.GeneratedExamples;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.learner.Survey;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.onnx.OnnxExport;
import io.contrastream.schemas.ClassPrototype;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);

    @TempDir
    private Path folder;

    private byte[] network;
    private Embedded owl;
    private Embedded crow;

    /** Two images, each with its own embedding for a prototype. */
    @BeforeEach
    void embed() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OnnxExport.write("model", SPEC, state(), out);
        network = out.toByteArray();
        owl = embedded(EXAMPLES.example(0, 1), "class-0");
        crow = embedded(EXAMPLES.example(1, 1), "class-1");
    }

    @Test
    void anEncoderThatAgreesWithItsExportAndIsNoWorseIsNotRefused() throws IOException {
        assertThat(gate(1e-4, 0).refusal(network, Precision.FLOAT32, survey(owl, crow), Optional.empty()))
                .isEmpty();
        assertThat(gate(1e-4, 0).refusal(network, Precision.FLOAT32, survey(owl, crow), Optional.of(released())))
                .isEmpty();
    }

    @Test
    void anExportThatDiffersFromTheEngineIsRefused() throws IOException {
        float[] other = crow.embedding().clone();
        other[3] += 0.01f;
        Embedded differs = new Embedded(crow.example(), "class-1", 1, other);

        assertThat(gate(1e-4, 0).refusal(network, Precision.FLOAT32, survey(owl, differs), Optional.empty()))
                .contains(
                        "the exported network's embeddings differ from the engine's, which works in float32, by 0.010, but at"
                                + " most 0.00010 is allowed");
        other[3] = Float.NaN;
        assertThat(gate(1e-4, 0).refusal(network, Precision.FLOAT32, survey(owl, differs), Optional.empty()))
                .get()
                .asString()
                .contains("by NaN");
        assertThat(gate(0.02, 0).refusal(network, Precision.FLOAT32, survey(owl, crow), Optional.empty()))
                .isEmpty();
    }

    @Test
    void howMuchAnExportMayDifferDependsOnTheEnginesPrecisionUnlessItIsSet() throws IOException {
        float[] other = crow.embedding().clone();
        other[3] += 0.01f;
        Survey survey = survey(owl, new Embedded(crow.example(), "class-1", 1, other));

        assertThat(gate(0, 0).refusal(network, Precision.FLOAT32, survey, Optional.empty()))
                .isPresent();
        assertThat(gate(0, 0).refusal(network, Precision.TF32, survey, Optional.empty()))
                .isEmpty();
        assertThat(gate(0, 0).refusal(network, Precision.BF16, survey, Optional.empty()))
                .isEmpty();
        assertThat(gate(1e-4, 0).refusal(network, Precision.BF16, survey, Optional.empty()))
                .get()
                .asString()
                .contains("which works in bf16");
        other[3] += 0.1f;
        assertThat(gate(0, 0).refusal(network, Precision.BF16, survey, Optional.empty()))
                .isPresent();
    }

    @Test
    void anEncoderThatIsWorseOnHeldOutImagesThanTheLastReleaseIsRefusedByMoreThanTheOption() throws IOException {
        Embedded mistaken = new Embedded(crow.example(), "class-0", 1, crow.embedding());
        String last = released();

        assertThat(gate(1e-4, 0.49).refusal(network, Precision.FLOAT32, survey(owl, mistaken), Optional.of(last)))
                .contains("its accuracy on 2 held-out images is 0.5000, but that of the last release, " + last
                        + ", is 1.0000, and at most 0.4900 may be lost");
        assertThat(gate(1e-4, 0.5).refusal(network, Precision.FLOAT32, survey(owl, mistaken), Optional.of(last)))
                .isEmpty();
    }

    @Test
    void aLastReleaseThatHasGoneIsNotComparedWith() throws IOException {
        Embedded mistaken = new Embedded(crow.example(), "class-0", 1, crow.embedding());
        String last = released();
        Files.delete(folder.resolve("model/3/manifest.json"));

        assertThat(gate(1e-4, 0).refusal(network, Precision.FLOAT32, survey(owl, mistaken), Optional.of(last)))
                .isEmpty();
    }

    @Test
    void anEncoderWithoutAPrototypeIsRefused() throws IOException {
        assertThat(gate(1, 1)
                        .refusal(
                                network,
                                Precision.FLOAT32,
                                new Survey(List.of(), List.of(), List.of(owl)),
                                Optional.empty()))
                .contains("memory has no image that a prototype could be made of");
    }

    private Gate gate(double maxDifference, double maxLoss) {
        ReleaseOptions options =
                new ReleaseOptions(folder.toString(), 1, Duration.ZERO, maxDifference, maxLoss, Map.of());
        return new Gate(options, SPEC.input(), 1);
    }

    private static EncoderState state() {
        return new EncoderState(SPEC.fingerprint(), 3, SPEC.network().initialParameters(5), List.of());
    }

    private Survey survey(Embedded... heldOut) {
        return new Survey(
                List.of(
                        new Prototype("class-0", owl.embedding(), 1, 1),
                        new Prototype("class-1", crow.embedding(), 1, 1)),
                List.of(),
                List.of(heldOut));
    }

    private Embedded embedded(Example example, String nearest) throws IOException {
        float[] image = new float[SPEC.input().size()];
        Pixels.toUnit(example.pixels(), image, 0);
        try (OnnxEncoder encoder = new OnnxEncoder(network, SPEC.input(), 1)) {
            return new Embedded(example, nearest, 1, encoder.embed(image, 1));
        }
    }

    private String released() throws IOException {
        ReleaseDirectory directory = new ReleaseDirectory(folder.toString());
        List<ClassPrototype> prototypes = List.of(prototype(owl), prototype(crow));
        return directory
                .complete(new Manifest(
                        "model",
                        3,
                        OptionalLong.empty(),
                        Instant.EPOCH,
                        SPEC.fingerprint(),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        List.of(),
                        directory.write("model", state(), prototypes)))
                .uri();
    }

    private static ClassPrototype prototype(Embedded image) {
        List<Float> vector = new ArrayList<>();
        for (float component : image.embedding()) {
            vector.add(component);
        }
        return new ClassPrototype(image.example().label(), vector, 1, 1f, 3L, Instant.EPOCH);
    }
}
