package io.contrastream.jobs.learning;

/**
 * The {@code uid} and name of every operator. Savepoints refer to them: an operator keeps its id for good, and another operator
 * never gets it.
 */
public final class OperatorIds {

    public static final String LABELLED_IMAGES = "labelled-images-source";
    /** Where labels come by themselves, that of images is {@link #LABELLED_IMAGES} too: what a job has read of its images is there. */
    public static final String LABELS = "labels-source";

    public static final String READ_IMAGES = "read-images";
    public static final String READ_LABELS = "read-labels";
    public static final String JOIN_LABELS = "join-labels";
    public static final String DECODE = "decode";
    public static final String LEARN = "learn";
    public static final String REPLICAS = "replicas";
    public static final String LEASE = "learner-lease";
    public static final String EMBEDDINGS = "embeddings-sink";
    public static final String PROTOTYPES = "prototypes-sink";
    public static final String REPORTS = "learning-reports-sink";
    public static final String RELEASES = "encoder-releases-sink";
    public static final String REJECTED = "rejected-images-sink";

    private OperatorIds() {}

    /**
     * The source of images that is made after another one: what the other has stored of how far it has read is not its own, so it
     * begins anew.
     */
    public static String imageSourceAfter(String uid) {
        String number = uid.substring(LABELLED_IMAGES.length());
        return LABELLED_IMAGES + "-" + (number.isEmpty() ? 2 : Integer.parseInt(number.substring(1)) + 1);
    }

    /** The source of labels that goes with a source of images. */
    public static String labelSourceOf(String imageSource) {
        return LABELS + imageSource.substring(LABELLED_IMAGES.length());
    }

    /** Whether a {@code uid} is that of the source of images, or of one made after it. */
    public static boolean isImageSource(String uid) {
        return uid.matches(LABELLED_IMAGES + "(-[1-9][0-9]{0,8})?");
    }
}
