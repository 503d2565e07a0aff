package io.contrastream.jobs.sql;

import io.contrastream.schemas.RejectedRecord;

/** A function for Flink SQL: the fields of a record of the topic of rejected images. */
public final class DecodeRejected extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodeRejected() {
        super(RejectedRecord.class);
    }
}
