package io.contrastream.jobs;

/**
 * The {@code uid} and name of every operator. Savepoints refer to them: an operator keeps its id for good, and another operator
 * never gets it.
 */
final class OperatorIds {

    static final String LABELLED_IMAGES = "labelled-images-source";
    static final String DECODE = "decode";
    static final String LEARN = "learn";
    static final String EMBEDDINGS = "embeddings-sink";
    static final String PROTOTYPES = "prototypes-sink";
    static final String REPORTS = "learning-reports-sink";
    static final String REJECTED = "rejected-images-sink";

    private OperatorIds() {}
}
