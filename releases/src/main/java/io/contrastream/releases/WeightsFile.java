package io.contrastream.releases;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Common part of an encoder's files in all formats. */
public final class WeightsFile {

    private WeightsFile() {}

    /**
     * All that is needed to use the encoder, as the metadata of its file: {@code contrastream.model}, {@code
     * contrastream.encoder-version}, {@code contrastream.fingerprint}, and every part of the fingerprint, such as {@code
     * contrastream.architecture} and {@code contrastream.mean}.
     */
    public static Map<String, String> metadata(String model, EncoderState state) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("contrastream.model", model);
        metadata.put("contrastream.encoder-version", Long.toString(state.step()));
        metadata.put("contrastream.fingerprint", state.fingerprint());
        for (String part : state.fingerprint().split(" (?=[\\w.-]+=)", -1)) {
            int equals = part.indexOf('=');
            metadata.put("contrastream." + part.substring(0, equals), part.substring(equals + 1));
        }
        return metadata;
    }

    /** @throws IOException naming a tensor, if one of those that images are embedded with has a value that is not finite */
    public static void requireFinite(EncoderState state) throws IOException {
        for (Tensor tensor : state.embedding()) {
            if (tensor.notFinite() > 0) {
                throw new IOException("tensor '" + tensor.name() + "' has " + tensor.notFinite() + " of "
                        + tensor.values().length + " values that are not finite");
            }
        }
    }
}
