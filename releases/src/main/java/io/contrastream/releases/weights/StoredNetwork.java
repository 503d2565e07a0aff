package io.contrastream.releases.weights;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Stem;
import io.contrastream.releases.safetensors.StoredTensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The network that the shapes of weights tell of.
 *
 * @param architecture the family
 * @param stem how the network starts
 * @param width filters of the first stage
 * @param channels of an image
 * @param projectionSize components of the projection; 0 if there is no head
 */
public record StoredNetwork(Architecture architecture, Stem stem, int width, int channels, int projectionSize) {

    /**
     * The network whose arrays before the head are exactly these, if we have one. resnet18-slim and resnet18 of one width have the
     * same arrays: it is the one that the file names, or else the one whose own width it is.
     *
     * @param named the architecture that the file says it has; empty if it does not
     */
    static Optional<StoredNetwork> of(Map<String, StoredTensor> tensors, String named) {
        StoredTensor first = tensors.get("conv1.weight");
        if (first == null
                || first.shape().length != 4
                || Arrays.stream(first.shape()).anyMatch(side -> side < 1)) {
            return Optional.empty();
        }
        Stem stem = first.shape()[2] == 3 ? Stem.CIFAR : Stem.IMAGENET;
        int width = first.shape()[0];
        StoredTensor last = tensors.get("head.2.bias");
        int projection = last == null || last.shape().length != 1 ? 0 : last.shape()[0];
        return Arrays.stream(Architecture.values())
                .sorted(Comparator.comparing((Architecture architecture) ->
                                !architecture.toString().equals(named))
                        .thenComparing(architecture -> architecture.defaultWidth() != width)
                        // Of another width and without a name, the usual ResNet-18.
                        .thenComparing(architecture -> architecture == Architecture.RESNET18_SLIM))
                .map(architecture -> new StoredNetwork(architecture, stem, width, first.shape()[1], projection))
                .filter(network -> network.hasTrunk(tensors))
                .findFirst();
    }

    private boolean hasTrunk(Map<String, StoredTensor> tensors) {
        List<ParameterSpec> trunk = spec().network().parameters().stream()
                .filter(parameter -> WeightNames.isTrunk(parameter.name()))
                .toList();
        return tensors.keySet().stream().filter(WeightNames::isTrunk).count() == trunk.size()
                && trunk.stream()
                        .allMatch(parameter -> tensors.containsKey(parameter.name())
                                && Arrays.equals(tensors.get(parameter.name()).shape(), parameter.shape()));
    }

    /** The input's size and the normalisation cannot be told from weights, nor do they change a shape. */
    private EncoderSpec spec() {
        Normalization none = new Normalization(Collections.nCopies(channels, 0f), Collections.nCopies(channels, 1f));
        return new EncoderSpec(architecture, stem, width, new ImageShape(channels, 1, 1), 2, none);
    }

    @Override
    public String toString() {
        return "architecture=" + architecture + " stem=" + stem + " width=" + width + " channels=" + channels
                + " projection=" + (projectionSize == 0 ? "none" : projectionSize);
    }
}
