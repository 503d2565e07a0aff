package io.contrastream.jobs.sql;

import io.contrastream.schemas.Embedding;

/** A function for Flink SQL: the fields of a record of the topic of embeddings. */
public final class DecodeEmbedding extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodeEmbedding() {
        super(Embedding.class);
    }
}
