package io.contrastream.jobs.sql;

import io.contrastream.schemas.EncoderRelease;

/** A function for Flink SQL: the fields of a record of the topic of encoder releases. */
public final class DecodeRelease extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodeRelease() {
        super(EncoderRelease.class);
    }
}
