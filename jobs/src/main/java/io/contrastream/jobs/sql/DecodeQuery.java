package io.contrastream.jobs.sql;

import io.contrastream.schemas.ImageQuery;

/** A function for Flink SQL: the fields of a record of the topic of image queries. */
public final class DecodeQuery extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodeQuery() {
        super(ImageQuery.class);
    }
}
