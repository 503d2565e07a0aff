package io.contrastream.topics;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;

/** A topic by its purpose. Its name in a cluster is the {@link #id()} unless options set another. */
public enum Topic {
    /** Images to learn from; key: image id. */
    LABELLED_IMAGES("labelled-images", LabelledImage.class, TopicConfig.CLEANUP_POLICY_DELETE, true),
    /** Images to embed only; key: image id. */
    IMAGE_QUERIES("image-queries", ImageQuery.class, TopicConfig.CLEANUP_POLICY_DELETE, true),
    /** Embeddings; key: image id, and the latest record of a key is the one to use. */
    EMBEDDINGS("embeddings", Embedding.class, TopicConfig.CLEANUP_POLICY_COMPACT, true),
    /** Class prototypes; key: label. */
    PROTOTYPES("prototypes", ClassPrototype.class, TopicConfig.CLEANUP_POLICY_COMPACT, false),
    /** Reports of how the learning goes; key: model. */
    LEARNING_REPORTS("learning-reports", LearningReport.class, TopicConfig.CLEANUP_POLICY_DELETE, false),
    /** Released encoders; key: model. */
    ENCODER_RELEASES("encoder-releases", EncoderRelease.class, TopicConfig.CLEANUP_POLICY_COMPACT, false),
    /** Records that could not be used; key: that of the record. */
    REJECTED_IMAGES("rejected-images", RejectedRecord.class, TopicConfig.CLEANUP_POLICY_DELETE, false),
    /** Images to learn from once their labels come; key: image id. There only where labels come by themselves. */
    IMAGES("images", ImageQuery.class, TopicConfig.CLEANUP_POLICY_DELETE, true),
    /** Labels of these; key: image id. */
    LABELS("labels", ImageLabel.class, TopicConfig.CLEANUP_POLICY_DELETE, true);

    private final String id;
    private final Class<? extends SpecificRecord> type;
    private final String cleanupPolicy;
    private final boolean perImage;

    Topic(String id, Class<? extends SpecificRecord> type, String cleanupPolicy, boolean perImage) {
        this.id = id;
        this.type = type;
        this.cleanupPolicy = cleanupPolicy;
        this.perImage = perImage;
    }

    /** Those that every cluster has: all but the two for labels that come by themselves. */
    public static Set<Topic> usual() {
        return EnumSet.complementOf(EnumSet.of(IMAGES, LABELS));
    }

    /**
     * The topic of the given id.
     *
     * @throws IllegalArgumentException naming what is allowed if there is none
     */
    public static Topic of(String id) {
        return Arrays.stream(values())
                .filter(topic -> topic.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown topic '" + id + "', allowed: "
                        + Arrays.stream(values()).map(Topic::id).collect(Collectors.joining(", "))));
    }

    /** Its usual name, also in options and on the command line. */
    public String id() {
        return id;
    }

    /** Type of its records. */
    public Class<? extends SpecificRecord> type() {
        return type;
    }

    /** Kafka's {@code cleanup.policy}: {@code delete} or {@code compact}. */
    public String cleanupPolicy() {
        return cleanupPolicy;
    }

    /** Whether it carries records of single images, and so wants several partitions; the others are small and ordered. */
    boolean perImage() {
        return perImage;
    }

    /** Whether its records have images in them. */
    boolean isOfImages() {
        return this == LABELLED_IMAGES || this == IMAGE_QUERIES || this == IMAGES;
    }

    /** Kafka's settings of the topic. */
    Map<String, String> settings() {
        return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, cleanupPolicy);
    }

    @Override
    public String toString() {
        return id;
    }
}
