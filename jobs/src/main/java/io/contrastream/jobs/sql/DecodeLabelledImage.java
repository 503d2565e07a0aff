package io.contrastream.jobs.sql;

import io.contrastream.schemas.LabelledImage;

/** A function for Flink SQL: the fields of a record of the topic of labelled images. */
public final class DecodeLabelledImage extends DecodeRecord {

    private static final long serialVersionUID = 1;

    /** For Flink. */
    public DecodeLabelledImage() {
        super(LabelledImage.class);
    }
}
