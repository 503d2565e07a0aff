package io.contrastream.jobs.sql;

import io.contrastream.schemas.ClassPrototype;

/** A function for Flink SQL: the fields of a record of the topic of prototypes. */
public final class DecodePrototype extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodePrototype() {
        super(ClassPrototype.class);
    }
}
