package io.contrastream.releases.weights;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.safetensors.Header;
import io.contrastream.releases.safetensors.StoredTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The tensors of a file by our names of them. */
public final class WeightsLayout {

    private static final int PROBLEMS_TOLD = 3;

    private final String file;
    private final Map<String, String> metadata;
    private final Map<String, StoredTensor> tensors = new TreeMap<>();

    /** @throws WeightsException if two tensors have the same name in our terms */
    public WeightsLayout(String file, Header header) throws WeightsException {
        this.file = file;
        metadata = header.metadata();
        for (StoredTensor tensor : header.tensors()) {
            StoredTensor other = tensors.put(WeightNames.canonical(tensor.name()), tensor);
            if (other != null) {
                throw new WeightsException(
                        file,
                        "tensors '" + other.name() + "' and '" + tensor.name() + "' are both "
                                + WeightNames.canonical(tensor.name()));
            }
        }
    }

    /** The tensors by our names of them, in alphabetical order. */
    public Map<String, StoredTensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The network that these are the weights of, if it is one that we have. */
    public Optional<StoredNetwork> network() {
        return StoredNetwork.of(tensors, metadata.getOrDefault(EncoderWeights.ARCHITECTURE, ""));
    }

    /**
     * Matches the file with a network. The head may be missing as a whole; of the rest, nothing may be missing, have another
     * shape, or be left over. Where the file tells the normalisation of pixels, it must be the network's.
     *
     * @throws WeightsException naming the arrays that do not fit, with both shapes, and the network that they would fit
     */
    public Match match(EncoderSpec spec) throws WeightsException {
        List<String> loaded = new ArrayList<>();
        List<String> fresh = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, StoredTensor> unused = new TreeMap<>(tensors);
        boolean hasHead = tensors.keySet().stream().anyMatch(WeightNames::isHead);
        for (ParameterSpec parameter : spec.network().parameters()) {
            StoredTensor tensor = unused.remove(parameter.name());
            if (tensor == null && WeightNames.isHead(parameter.name()) && !hasHead) {
                fresh.add(parameter.name());
            } else if (tensor == null) {
                problems.add(parameter.name() + " of shape " + Arrays.toString(parameter.shape()) + " is missing");
            } else if (!Arrays.equals(tensor.shape(), parameter.shape())) {
                problems.add(parameter.name() + " has the shape " + Arrays.toString(tensor.shape())
                        + " in the file, but " + Arrays.toString(parameter.shape()) + " in the network");
            } else {
                loaded.add(parameter.name());
            }
        }
        unused.forEach((name, tensor) -> {
            if (WeightNames.isTrunk(name)) {
                problems.add(name + " of shape " + Arrays.toString(tensor.shape()) + " is not in the network");
            }
        });
        requireEqual(EncoderWeights.MEAN, spec.normalization().mean(), problems);
        requireEqual(EncoderWeights.STANDARD_DEVIATION, spec.normalization().standardDeviation(), problems);
        if (!problems.isEmpty()) {
            throw new WeightsException(file, misfit(spec, problems));
        }
        return new Match(
                loaded, fresh, unused.values().stream().map(StoredTensor::name).toList());
    }

    /** Only our own files say how pixels are to be normalised. */
    private void requireEqual(String key, List<Float> values, List<String> problems) {
        String stored = metadata.getOrDefault(key, values.toString());
        if (!stored.equals(values.toString())) {
            problems.add(key + " is " + stored + " in the file, but " + values + " in the network");
        }
    }

    private String misfit(EncoderSpec spec, List<String> problems) {
        int more = problems.size() - PROBLEMS_TOLD;
        return "it does not fit the network " + spec.fingerprint() + ": "
                + String.join("; ", problems.subList(0, Math.min(PROBLEMS_TOLD, problems.size())))
                + (more > 0 ? "; and " + more + " more" : "")
                + network().map(network -> "; it would fit " + network).orElse("")
                + unknownPrefixes();
    }

    private String unknownPrefixes() {
        Set<String> prefixes = WeightNames.unknownPrefixes(tensors.keySet());
        return prefixes.isEmpty()
                ? ""
                : "; its names begin with '" + String.join("' and '", prefixes)
                        + "', which is none of the prefixes that are"
                        + " recognised, alone or nested: " + String.join(", ", WeightNames.PREFIXES)
                        + "; save the network's tensors without it";
    }
}
