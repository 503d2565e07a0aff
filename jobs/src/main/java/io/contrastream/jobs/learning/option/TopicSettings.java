package io.contrastream.jobs.learning.option;

import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.Setting;
import io.contrastream.topics.Topic;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Options of what the learning job's topics are called. */
public final class TopicSettings {

    public static final Setting<String> LABELLED_IMAGES =
            KafkaSettings.topic(Topic.LABELLED_IMAGES, "Topic to learn from: records of type LabelledImage.");

    public static final Setting<String> EMBEDDINGS = KafkaSettings.topic(
            Topic.EMBEDDINGS, "Topic for the embeddings of learned and of re-encoded images, key: image id.");

    public static final Setting<String> PROTOTYPES =
            KafkaSettings.topic(Topic.PROTOTYPES, "Topic for the class prototypes, key: label.");

    public static final Setting<String> LEARNING_REPORTS = KafkaSettings.topic(
            Topic.LEARNING_REPORTS, "Topic for the reports of how the learning goes, key: model name.");

    public static final Setting<String> ENCODER_RELEASES = KafkaSettings.topic(
            Topic.ENCODER_RELEASES,
            "Topic for the announcements of releases, key: model name. It need not be there without release.directory.");

    public static final Setting<String> REJECTED_IMAGES = KafkaSettings.topic(
            Topic.REJECTED_IMAGES, "Topic for the records that could not be used, key: that of the rejected record.");

    public static final Setting<String> IMAGES = KafkaSettings.optionalTopic(
            Topic.IMAGES,
            "Topic of images whose labels come by themselves: records of type ImageQuery. It may be the topic that an"
                    + " embedding job reads. Goes with kafka.topic.labels, and takes the place of"
                    + " kafka.topic.labelled-images.");

    public static final Setting<String> LABELS = KafkaSettings.optionalTopic(
            Topic.LABELS,
            "Topic of labels that come by themselves: records of type ImageLabel, joined to images by id. Goes with"
                    + " kafka.topic.images.");

    /** The settings of the topics that a job has, by what they are there for. */
    public static final Map<Topic, Setting<String>> TOPICS = Map.of(
            Topic.LABELLED_IMAGES, LABELLED_IMAGES,
            Topic.EMBEDDINGS, EMBEDDINGS,
            Topic.PROTOTYPES, PROTOTYPES,
            Topic.LEARNING_REPORTS, LEARNING_REPORTS,
            Topic.ENCODER_RELEASES, ENCODER_RELEASES,
            Topic.REJECTED_IMAGES, REJECTED_IMAGES);

    /** The same for a job whose labels come by themselves. */
    public static final Map<Topic, Setting<String>> TOPICS_OF_LATE_LABELS = withLateLabels();

    static final List<Setting<?>> ALL = List.of(
            LABELLED_IMAGES,
            IMAGES,
            LABELS,
            EMBEDDINGS,
            PROTOTYPES,
            LEARNING_REPORTS,
            ENCODER_RELEASES,
            REJECTED_IMAGES);

    private TopicSettings() {}

    private static Map<Topic, Setting<String>> withLateLabels() {
        Map<Topic, Setting<String>> topics = new EnumMap<>(TOPICS);
        topics.remove(Topic.LABELLED_IMAGES);
        topics.put(Topic.IMAGES, IMAGES);
        topics.put(Topic.LABELS, LABELS);
        return Map.copyOf(topics);
    }
}
