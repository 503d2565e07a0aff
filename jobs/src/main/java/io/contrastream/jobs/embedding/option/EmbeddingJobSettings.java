package io.contrastream.jobs.embedding.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.ImageSettings;
import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Setting;
import io.contrastream.jobs.option.Settings;
import io.contrastream.topics.Topic;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;

/** All options of the embedding job. */
public final class EmbeddingJobSettings {

    private static final Setting<String> IMAGE_QUERIES =
            KafkaSettings.topic(Topic.IMAGE_QUERIES, "Topic of the images to embed: records of type ImageQuery.");

    private static final Setting<String> ENCODER_RELEASES = KafkaSettings.topic(
            Topic.ENCODER_RELEASES, "Topic where releases are announced: records of type EncoderRelease.");

    private static final Setting<String> EMBEDDINGS =
            KafkaSettings.topic(Topic.EMBEDDINGS, "Topic for the embeddings of the queries, key: image id.");

    private static final Setting<String> REJECTED_IMAGES = KafkaSettings.topic(
            Topic.REJECTED_IMAGES, "Topic for the records that could not be used, key: that of the rejected record.");

    /** The settings of the topics, by what they are there for. */
    public static final Map<Topic, Setting<String>> TOPICS = Map.of(
            Topic.IMAGE_QUERIES, IMAGE_QUERIES,
            Topic.ENCODER_RELEASES, ENCODER_RELEASES,
            Topic.EMBEDDINGS, EMBEDDINGS,
            Topic.REJECTED_IMAGES, REJECTED_IMAGES);

    private static final Setting<String> GROUP_ID = new Setting<>(
            key(KafkaSettings.GROUP_ID.key())
                    .stringType()
                    .defaultValue("contrastream-embedding")
                    .withDescription(
                            "Consumer group under which the job commits how far it has read, at every checkpoint. The job"
                                    + " begins there, or at the earliest record if the group has committed nothing; one that goes on"
                                    + " from a savepoint or checkpoint, where that was. With exactly-once output it goes on from its newest"
                                    + " checkpoint by itself."),
            KafkaSettings.GROUP_ID.allowed());

    private static final Setting<String> NAME = new Setting<>(
            key(JobSettings.NAME.key())
                    .stringType()
                    .defaultValue("contrastream-embedding")
                    .withDescription(JobSettings.NAME.option().description()),
            JobSettings.NAME.allowed());

    private static final Setting<Integer> PARALLELISM = new Setting<>(
            key(JobSettings.PARALLELISM.key())
                    .intType()
                    .defaultValue(1)
                    .withDescription("Parallel instances that read, decode, embed and write; more than the topic has"
                            + " partitions stay idle."),
            JobSettings.PARALLELISM.allowed());

    public static final Settings ALL = Settings.of(List.of(
            KafkaSettings.with(GROUP_ID, List.of(IMAGE_QUERIES, ENCODER_RELEASES, EMBEDDINGS, REJECTED_IMAGES)),
            EmbeddingSettings.ALL,
            ImageSettings.ALL,
            List.of(NAME, PARALLELISM, JobSettings.CHECKPOINT_INTERVAL, JobSettings.CHECKPOINT_DIRECTORY)));

    private EmbeddingJobSettings() {}

    /** Their values in a configuration. */
    public static OptionValues values(Configuration configuration) {
        return new OptionValues(ALL, configuration);
    }
}
