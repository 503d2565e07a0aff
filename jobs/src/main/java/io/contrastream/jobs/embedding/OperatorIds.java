package io.contrastream.jobs.embedding;

/** Identities of the operators of the embedding job in its savepoints: never renamed. */
final class OperatorIds {

    static final String IMAGE_QUERIES = "image-queries-source";
    static final String ENCODER_RELEASES = "encoder-releases-source";
    static final String DECODE = "decode";
    static final String ANNOUNCEMENTS = "announcements";
    static final String EMBED = "embed";
    static final String EMBEDDINGS = "embeddings-sink";
    static final String REJECTED = "rejected-images-sink";

    private OperatorIds() {}
}
