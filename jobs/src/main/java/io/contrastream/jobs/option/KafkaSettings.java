package io.contrastream.jobs.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.topics.Topic;
import io.contrastream.topics.format.Format;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** Options of the connection to Kafka. A job adds those of its topics, and may have defaults of its own under the same keys. */
public final class KafkaSettings {

    /** Prefix of keys whose remainder is a property of Kafka's clients. */
    public static final String PROPERTIES_PREFIX = "kafka.properties.";

    private static final String TOPIC_PREFIX = "kafka.topic.";

    public static final Setting<String> BOOTSTRAP_SERVERS = new Setting<>(
            key("kafka.bootstrap-servers")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Brokers to ask first for the cluster's layout."),
            Allowed.text(
                    "a comma-separated list of host:port", "\\s*[^\\s,]+:\\d{1,5}\\s*(,\\s*[^\\s,]+:\\d{1,5}\\s*)*"));

    public static final Setting<String> GROUP_ID = new Setting<>(
            key("kafka.group-id")
                    .stringType()
                    .defaultValue("contrastream-learning")
                    .withDescription(
                            "Consumer group under which the job commits how far it has read, at every checkpoint. A"
                                    + " new model begins there, or at the earliest record if the group has committed"
                                    + " nothing; a job that goes on begins where its state was, and is refused if the"
                                    + " group is further: it has been further then."),
            Allowed.text("a text that is not empty", "(?s).*\\S.*"));

    public static final Setting<DeliveryGuarantee> DELIVERY_GUARANTEE = new Setting<>(
            key("kafka.delivery-guarantee")
                    .enumType(DeliveryGuarantee.class)
                    .defaultValue(DeliveryGuarantee.AT_LEAST_ONCE)
                    .withDescription(
                            "What consumers of the output topics may rely on. With at-least-once, records appear at"
                                    + " once, and those since the last checkpoint appear again after a failure. With"
                                    + " exactly-once they are written in transactions that end with a checkpoint: a"
                                    + " read-committed consumer sees each of them once, and only after that checkpoint."),
            Allowed.oneOf(List.of(DeliveryGuarantee.AT_LEAST_ONCE, DeliveryGuarantee.EXACTLY_ONCE)));

    public static final Setting<Duration> TRANSACTION_TIMEOUT = new Setting<>(
            key("kafka.transaction-timeout")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(15))
                    .withDescription(
                            "With exactly-once: how long the broker keeps a transaction open before it aborts it and"
                                    + " what was written in it is lost. Must exceed job.checkpoint-interval by at least 1"
                                    + " min, better by as long as a recovery may take, and not exceed the broker's"
                                    + " transaction.max.timeout.ms (15 min unless changed)."),
            Allowed.durationFrom(Duration.ofSeconds(1), "1 s"));

    public static final Setting<Duration> PARTITION_DISCOVERY_INTERVAL = new Setting<>(
            key("kafka.partition-discovery-interval")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(5))
                    .withDescription(
                            "How often the job looks for partitions that were added to its topic. They are read"
                                    + " from their beginning."),
            Allowed.durationFrom(Duration.ofSeconds(1), "1 s"));

    public static final Setting<Format> FORMAT = new Setting<>(
            key("kafka.format")
                    .enumType(Format.class)
                    .defaultValue(Format.SINGLE_OBJECT)
                    .withDescription(
                            "What the records of the job's topics are, those that it reads and those that it writes:"
                                    + " Avro's single-object encoding, Avro behind the framing of a schema registry that"
                                    + " speaks Confluent's API, which kafka.properties.schema.registry.url leads to, or"
                                    + " JSON. docs/formats.md describes them."),
            Allowed.oneOf(List.of(Format.values())));

    private static final Allowed<String> TOPIC_NAME = Allowed.text(
            "a topic name: at most 249 letters, digits, dots, underscores and dashes",
            "(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

    private KafkaSettings() {}

    /**
     * All of them, in the order in which people should meet them.
     *
     * @param topics those of a job's topics
     */
    public static List<Setting<?>> with(List<Setting<?>> topics) {
        return with(GROUP_ID, topics);
    }

    /**
     * The same for a job with another default of the consumer group.
     *
     * @param groupId under the key of {@link #GROUP_ID}
     */
    public static List<Setting<?>> with(Setting<String> groupId, List<Setting<?>> topics) {
        return Stream.of(
                        List.<Setting<?>>of(BOOTSTRAP_SERVERS, groupId),
                        topics,
                        List.<Setting<?>>of(FORMAT),
                        formats(topics),
                        List.<Setting<?>>of(DELIVERY_GUARANTEE, TRANSACTION_TIMEOUT, PARTITION_DISCOVERY_INTERVAL))
                .flatMap(List::stream)
                .toList();
    }

    /** For each of a job's topics the setting of its format. */
    private static List<Setting<?>> formats(List<Setting<?>> topics) {
        return Arrays.stream(Topic.values())
                .filter(topic ->
                        topics.stream().anyMatch(setting -> setting.key().equals(TOPIC_PREFIX + topic.id())))
                .<Setting<?>>map(KafkaSettings::format)
                .toList();
    }

    /** The format of one topic, where it is not that of the others. */
    public static Setting<Format> format(Topic topic) {
        return new Setting<>(
                key("kafka.topic-format." + topic.id())
                        .enumType(Format.class)
                        .noDefaultValue()
                        .withDescription("What the records of the topic " + topic.id()
                                + ", whatever it is called, are. Not set: what kafka.format says."),
                FORMAT.allowed());
    }

    /** Name of one of a job's topics: its usual name unless it is set. */
    public static Setting<String> topic(Topic topic, String description) {
        return new Setting<>(
                key(TOPIC_PREFIX + topic.id())
                        .stringType()
                        .defaultValue(topic.id())
                        .withDescription(description),
                TOPIC_NAME);
    }

    /** Name of a topic that a job has only if it is set. */
    public static Setting<String> optionalTopic(Topic topic, String description) {
        return new Setting<>(
                key("kafka.topic." + topic.id()).stringType().noDefaultValue().withDescription(description),
                TOPIC_NAME);
    }
}
