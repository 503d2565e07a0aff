package io.contrastream.jobs.sql;

import io.contrastream.schemas.LearningReport;

/** A function for Flink SQL: the fields of a record of the topic of learning reports. */
public final class DecodeReport extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodeReport() {
        super(LearningReport.class);
    }
}
