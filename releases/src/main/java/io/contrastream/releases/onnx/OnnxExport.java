package io.contrastream.releases.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.releases.WeightsFile;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes an encoder as an ONNX model, for any runtime that reads opset {@value #OPSET}.
 *
 * <p>The input {@value #IMAGES} is float32 [N, C, H, W] in [0, 1] with any N; the pixels are normalised inside. The output
 * {@value #EMBEDDINGS} is float32 [N, D], of unit rows; where the specification says so, of the images and of their mirror images, which
 * the model makes. Running statistics are folded into the convolutions before them; the
 * projection head is left out.
 */
public final class OnnxExport {

    /** Name of the input. */
    public static final String IMAGES = "images";

    /** Name of the output. */
    public static final String EMBEDDINGS = "embeddings";

    /** Version of the operators: that of ONNX 1.12, of June 2022. */
    public static final int OPSET = 17;

    /** Version of the file format that goes with it. */
    public static final int IR_VERSION = 8;

    /** A message of protobuf has less than 2 GiB; what is not weights takes far less than the difference. */
    private static final long MOST_BYTES = 2_000_000_000;

    private OnnxExport() {}

    /**
     * Writes the arrays that the encoder embeds with: averages where it has any. The model's metadata is that of the safetensors file
     * ({@link WeightsFile}).
     *
     * @param model name of the model
     * @param out stays the caller's to close
     * @throws IOException naming a tensor that has a value which is not finite, or if the weights are too large for one file; nothing
     *     is written then
     * @throws IllegalArgumentException if the state is of another network
     */
    public static void write(String model, EncoderSpec spec, EncoderState state, OutputStream out) throws IOException {
        WeightsFile.requireFinite(state);
        long bytes = state.embedding().stream()
                .mapToLong(tensor -> (long) Float.BYTES * tensor.values().length)
                .sum();
        if (bytes > MOST_BYTES) {
            throw new IOException("the weights have " + bytes + " bytes, but an ONNX file has at most " + MOST_BYTES);
        }
        ModelProto.Builder proto = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
                .setProducerName("contrastream")
                .setModelVersion(state.step())
                .setGraph(OnnxGraph.of(spec, state.embedding()));
        WeightsFile.metadata(model, state)
                .forEach((key, value) -> proto.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        proto.build().writeTo(out);
    }
}
