package io.contrastream.learning.network;

import io.contrastream.learning.image.ImageShape;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything that decides which network an encoder is: two encoders of equal specification can exchange their states.
 *
 * @param architecture the family
 * @param stem how the network starts
 * @param width filters of the first stage, at least 1
 * @param input shape of an image, with 1 or 3 channels
 * @param projectionSize components of the projection, at least 2
 * @param normalization of the pixels, with as many channels as the input
 * @param mirrorEmbedding whether an embedding is the mean of those of the image and of its mirror image (left for right), brought to unit
 *     length again; training sees nothing of it
 */
public record EncoderSpec(
        Architecture architecture,
        Stem stem,
        int width,
        ImageShape input,
        int projectionSize,
        Normalization normalization,
        boolean mirrorEmbedding)
        implements Serializable {

    /** Of the image alone. */
    public EncoderSpec(
            Architecture architecture,
            Stem stem,
            int width,
            ImageShape input,
            int projectionSize,
            Normalization normalization) {
        this(architecture, stem, width, input, projectionSize, normalization, false);
    }

    /** @throws IllegalArgumentException if a value is out of its range */
    public EncoderSpec {
        if (width < 1) {
            throw new IllegalArgumentException("width must be at least 1, but is " + width);
        }
        if (projectionSize < 2) {
            throw new IllegalArgumentException("projection size must be at least 2, but is " + projectionSize);
        }
        if (normalization.mean().size() != input.channels()) {
            throw new IllegalArgumentException("normalisation has "
                    + normalization.mean().size() + " channels, but the input " + input + " has " + input.channels());
        }
    }

    /** The architecture in its usual width with a projection of 128 components. */
    public static EncoderSpec of(Architecture architecture, Stem stem, ImageShape input, Normalization normalization) {
        return new EncoderSpec(architecture, stem, architecture.defaultWidth(), input, 128, normalization);
    }

    /**
     * The specification that a fingerprint is of.
     *
     * @throws IllegalArgumentException naming what is wrong, if the fingerprint is of a version or has a property that is not known
     *     here, or lacks one
     */
    public static EncoderSpec parse(String fingerprint) {
        Map<String, String> properties =
                new LinkedHashMap<>(Fingerprint.parse(fingerprint).all());
        try {
            EncoderSpec spec = new EncoderSpec(
                    Architecture.of(take(properties, "architecture")),
                    Stem.of(take(properties, "stem")),
                    Integer.parseInt(take(properties, "width")),
                    ImageShape.parse(take(properties, "input")),
                    Integer.parseInt(take(properties, "projection")),
                    new Normalization(floats(take(properties, "mean")), floats(take(properties, "std"))),
                    trueOrFalse(take(properties, Fingerprint.MIRROR_EMBEDDING)));
            if (!properties.isEmpty()) {
                throw new IllegalArgumentException("it has " + properties.keySet() + ", which is not known here");
            }
            return spec;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no network's fingerprint: [" + fingerprint + "]: " + e.getMessage(), e);
        }
    }

    private static String take(Map<String, String> properties, String name) {
        String value = properties.remove(name);
        if (value == null) {
            throw new IllegalArgumentException("it has no " + name);
        }
        return value;
    }

    private static boolean trueOrFalse(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + value + "' is neither true nor false");
        };
    }

    private static List<Float> floats(String list) {
        return Stream.of(list.replaceAll("[\\[\\] ]", "").split(",", -1))
                .map(Float::valueOf)
                .toList();
    }

    /** The same network with the other kind of embedding, or this one. */
    public EncoderSpec withMirrorEmbedding(boolean mirrored) {
        return new EncoderSpec(architecture, stem, width, input, projectionSize, normalization, mirrored);
    }

    /** Components of an embedding: the filters of the last stage. */
    public int embeddingSize() {
        return width * 8 * (architecture.bottleneck() ? 4 : 1);
    }

    /** The network that this describes. */
    public Network network() {
        return ResNet.build(this);
    }

    /** All of it in one line; equal for equal specifications. Stored with every state. */
    public String fingerprint() {
        return "architecture=" + architecture + " stem=" + stem + " width=" + width + " input=" + input + " projection="
                + projectionSize + " mean=" + normalization.mean() + " std=" + normalization.standardDeviation()
                + (mirrorEmbedding ? " " + Fingerprint.MIRROR_EMBEDDING + "=true" : "");
    }
}
