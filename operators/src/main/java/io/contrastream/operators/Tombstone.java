package io.contrastream.operators;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import java.time.Instant;
import java.util.List;

/**
 * The embedding that stands for an image that has been taken back: without a vector. A sink writes a tombstone in its place, for the
 * compacted topic is to forget the one that the image had.
 */
public final class Tombstone {

    private Tombstone() {}

    /**
     * Stands for an image.
     *
     * @param id of the image
     * @param encoderVersion of the encoder that works when the image is taken back
     * @param at when it is taken back
     */
    public static Embedding of(String id, long encoderVersion, Instant at) {
        return Embedding.newBuilder()
                .setId(id)
                .setVector(List.of())
                .setEncoderVersion(encoderVersion)
                .setEventTime(at)
                .setEmbeddedAt(at)
                .setOrigin(EmbeddingOrigin.UNKNOWN)
                .build();
    }

    /** Whether an embedding stands for an image that has been taken back. */
    public static boolean is(Embedding embedding) {
        return embedding.getVector().isEmpty();
    }
}
