package io.contrastream.releases.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtException;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Stem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxExportTest extends OnnxAgainstEngine {

    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 4, normalization(3));

    @Test
    void saysWhatItIsAndLeavesTheHeadOut() throws IOException {
        EncoderState trained = trained(SPEC);
        EncoderState state = new EncoderState(trained.fingerprint(), 12, trained.parameters(), List.of());

        ModelProto model = ModelProto.parseFrom(export(SPEC, state));

        assertThat(model.getIrVersion()).isEqualTo(8);
        assertThat(model.getOpsetImportList())
                .singleElement()
                .satisfies(opset -> assertThat(opset.getVersion()).isEqualTo(17));
        assertThat(model.getModelVersion()).isEqualTo(12);
        assertThat(model.getMetadataPropsList())
                .extracting(StringStringEntryProto::getKey, StringStringEntryProto::getValue)
                .contains(
                        tuple("contrastream.model", "birds"),
                        tuple("contrastream.encoder-version", "12"),
                        tuple("contrastream.fingerprint", SPEC.fingerprint()));
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .doesNotContain("BatchNormalization", "Gemm");
        assertThat(model.getGraph().getInitializerList())
                .extracting(TensorProto::getName)
                .contains("layer1.0.conv1.weight")
                .noneMatch(name -> name.startsWith("head."));
    }

    @Test
    void hasTheAveragesWhereThereAreAny() throws IOException {
        EncoderState trained = trained(SPEC);
        EncoderState averaged = new EncoderState(
                SPEC.fingerprint(), 0, SPEC.network().initialParameters(7), List.of(), trained.parameters());

        assertThat(export(SPEC, averaged)).isEqualTo(export(SPEC, trained));
    }

    @Test
    void embedsAnyNumberOfImagesAndWhatHasNoDirection() throws IOException, OrtException {
        EncoderState state = trained(SPEC);
        EncoderState zeros = new EncoderState(
                state.fingerprint(),
                0,
                state.parameters().stream()
                        .peek(parameter -> Arrays.fill(parameter.values(), 0))
                        .toList(),
                List.of());

        try (OnnxRun onnx = new OnnxRun(export(SPEC, zeros))) {
            for (int images : new int[] {1, 3}) {
                float[][] embeddings =
                        onnx.embed(new float[images * SPEC.input().size()], images, SPEC.input());

                assertThat(embeddings).hasDimensions(images, 16);
                assertThat(embeddings[0]).containsOnly(0f);
            }
        }
    }

    @Test
    void writesNothingIfAWeightIsNotFinite() {
        EncoderState state = trained(SPEC);
        state.parameters().get(3).values()[1] = Float.NaN;
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThatThrownBy(() -> OnnxExport.write("birds", SPEC, state, out))
                .isInstanceOf(IOException.class)
                .hasMessage("tensor 'bn1.running_mean' has 1 of 2 values that are not finite");
        assertThat(out.size()).isZero();
    }
}
