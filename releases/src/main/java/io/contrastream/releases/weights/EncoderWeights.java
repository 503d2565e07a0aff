package io.contrastream.releases.weights;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.WeightsFile;
import io.contrastream.releases.safetensors.DataType;
import io.contrastream.releases.safetensors.SafetensorsReader;
import io.contrastream.releases.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights and running statistics of an encoder.
 *
 * @param parameters all arrays of the network, in its order and with its names
 * @param match where they come from
 */
public record EncoderWeights(List<Tensor> parameters, Match match) {

    static final String ARCHITECTURE = "contrastream.architecture";
    private static final int PROBLEMS_TOLD = 3;

    static final String MEAN = "contrastream.mean";
    static final String STANDARD_DEVIATION = "contrastream.std";

    public EncoderWeights {
        parameters = List.copyOf(parameters);
    }

    /**
     * Reads the weights of a network from a safetensors file of torchvision's, SupContrast's or our own names.
     *
     * @param in at the beginning of the file; stays the caller's to close
     * @param fileBytes size of the file
     * @param file what to call it in messages
     * @param seed of the initial values of what is not in the file
     * @throws WeightsException saying what is wrong, if it is no such file, does not fit the network, or has a value that is not
     *     finite or a variance below 0
     */
    public static EncoderWeights read(InputStream in, long fileBytes, String file, EncoderSpec spec, long seed)
            throws IOException {
        SafetensorsReader reader = new SafetensorsReader(in, fileBytes, file);
        WeightsLayout layout = new WeightsLayout(file, reader.header());
        Match match = layout.match(spec);
        Set<String> wanted = new HashSet<>();
        match.loaded().forEach(name -> wanted.add(layout.tensors().get(name).name()));
        Map<String, Tensor> stored = new HashMap<>();
        reader.read(tensor -> wanted.contains(tensor.name()))
                .forEach((name, tensor) -> stored.put(WeightNames.canonical(name), tensor));
        requireUsable(file, layout, stored);
        List<Tensor> parameters = new ArrayList<>();
        for (Tensor initial : spec.network().initialParameters(seed)) {
            Tensor tensor = stored.getOrDefault(initial.name(), initial);
            parameters.add(new Tensor(initial.name(), tensor.shape(), tensor.values()));
        }
        return new EncoderWeights(parameters, match);
    }

    private static void requireUsable(String file, WeightsLayout layout, Map<String, Tensor> stored)
            throws WeightsException {
        List<String> problems = new ArrayList<>();
        stored.forEach((name, tensor) -> {
            int notFinite = tensor.notFinite();
            if (notFinite > 0) {
                DataType type = layout.tensors().get(name).type();
                problems.add("tensor '" + tensor.name() + "' has " + notFinite + " of " + tensor.values().length
                        + " values that are not finite" + (type == DataType.F64 ? " as 32-bit floats" : ""));
            }
            int negative = name.endsWith(".running_var") ? negative(tensor.values()) : 0;
            if (negative > 0) {
                problems.add("tensor '" + tensor.name() + "' has " + negative + " of " + tensor.values().length
                        + " values below 0, but has variances");
            }
        });
        if (!problems.isEmpty()) {
            problems.sort(null);
            int more = problems.size() - PROBLEMS_TOLD;
            throw new WeightsException(
                    file,
                    String.join("; ", problems.subList(0, Math.min(PROBLEMS_TOLD, problems.size())))
                            + (more > 0 ? "; and " + more + " more tensors" : "")
                            + ": no image could be embedded with these weights");
        }
    }

    private static int negative(float[] values) {
        int negative = 0;
        for (float value : values) {
            negative += value < 0 ? 1 : 0;
        }
        return negative;
    }

    /** The state of an encoder that starts with these weights: no step taken, nothing remembered by the optimiser. */
    public EncoderState start(EncoderSpec spec) {
        return new EncoderState(spec.fingerprint(), 0, parameters, List.of());
    }

    /**
     * Writes a trained encoder with its head, as 32-bit floats: the arrays that it embeds with, averages where it has any. The
     * metadata says all that is needed to use it ({@link WeightsFile#metadata}); {@code format} is {@code pt}.
     *
     * @param out stays the caller's to close
     * @throws IOException naming a tensor, if it has a value that is not finite; nothing is written then
     */
    public static void write(String model, EncoderState state, OutputStream out) throws IOException {
        WeightsFile.requireFinite(state);
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "pt");
        metadata.putAll(WeightsFile.metadata(model, state));
        SafetensorsWriter.write(metadata, state.embedding(), out);
    }
}
