package io.contrastream.jobs.learning.option;

import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.Setting;
import io.contrastream.topics.Topic;
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

    /** The settings, by what they are there for. */
    public static final Map<Topic, Setting<String>> TOPICS = Map.of(
            Topic.LABELLED_IMAGES, LABELLED_IMAGES,
            Topic.EMBEDDINGS, EMBEDDINGS,
            Topic.PROTOTYPES, PROTOTYPES,
            Topic.LEARNING_REPORTS, LEARNING_REPORTS,
            Topic.ENCODER_RELEASES, ENCODER_RELEASES,
            Topic.REJECTED_IMAGES, REJECTED_IMAGES);

    static final List<Setting<?>> ALL =
            List.of(LABELLED_IMAGES, EMBEDDINGS, PROTOTYPES, LEARNING_REPORTS, ENCODER_RELEASES, REJECTED_IMAGES);

    private TopicSettings() {}
}
