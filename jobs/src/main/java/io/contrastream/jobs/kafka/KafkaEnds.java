package io.contrastream.jobs.kafka;

import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;

/** Makes the sources and sinks of a job. */
public final class KafkaEnds {

    private final String jobName;
    private final KafkaOptions options;
    private final Set<Topic> idle;

    /** @param jobName what clients and transactions are named after; no two running jobs of a Kafka cluster may share it */
    public KafkaEnds(String jobName, KafkaOptions options) {
        this(jobName, options, Set.of());
    }

    /**
     * The same for a job that has sinks for topics to which it writes nothing.
     *
     * @param idle these topics: a schema registry is not asked for their schemas
     */
    public KafkaEnds(String jobName, KafkaOptions options, Set<Topic> idle) {
        this.jobName = jobName;
        this.options = options;
        this.idle = Set.copyOf(idle);
    }

    /**
     * Reads a topic from where the consumer group stands, or else from its earliest record on; that is, where a restored state does
     * not say otherwise. Of records that were written in
     * transactions, only committed ones are read unless the options say otherwise. Records of one partition come in their order.
     * When the source has ended, the group has the offsets of the last checkpoint or savepoint.
     *
     * @param fromEarliest whether to start at the earliest record wherever the group stands
     */
    @SuppressWarnings("deprecation") // the connector's signature still has Kafka's old enum
    public Source<KafkaRecord, KafkaPartitionSplit, KafkaSourceEnumState> source(Topic topic, boolean fromEarliest) {
        return source(
                topic,
                fromEarliest
                        ? OffsetsInitializer.earliest()
                        : OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST));
    }

    /**
     * Reads a topic from the given offsets on, in the same way.
     *
     * @param from of each partition; one that is not there is read from its earliest record on
     */
    public Source<KafkaRecord, KafkaPartitionSplit, KafkaSourceEnumState> source(
            Topic topic, Map<TopicPartition, Long> from) {
        return source(topic, OffsetsInitializer.offsets(from));
    }

    /** Reads what a topic has now, from its earliest record on, and ends. No consumer group hears of it. */
    public Source<KafkaRecord, KafkaPartitionSplit, KafkaSourceEnumState> present(Topic topic) {
        return builder(topic)
                .setProperty(KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT.key(), "false")
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setBounded(OffsetsInitializer.latest())
                .build();
    }

    private Source<KafkaRecord, KafkaPartitionSplit, KafkaSourceEnumState> source(
            Topic topic, OffsetsInitializer start) {
        KafkaSource<KafkaRecord> source = builder(topic)
                .setProperty(
                        KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
                        Long.toString(options.partitionDiscoveryInterval().toMillis()))
                .setGroupId(options.groupId())
                .setStartingOffsets(start)
                .build();
        return new CommittingSource<>(source, options, options.topic(topic));
    }

    private KafkaSourceBuilder<KafkaRecord> builder(Topic topic) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.putAll(options.clientProperties());
        return KafkaSource.<KafkaRecord>builder()
                .setProperties(properties)
                .setBootstrapServers(options.bootstrapServers())
                .setClientIdPrefix(jobName)
                .setTopics(options.topic(topic))
                .setDeserializer(new KafkaRecordReader());
    }

    /**
     * The format of a topic that is read.
     *
     * @throws io.contrastream.topics.TopicException if a schema registry does not answer
     */
    public RecordFormat read(Topic topic) {
        return options.format(topic).readyToRead();
    }

    /**
     * Writes records in the topic's format under a key that is text.
     *
     * @throws io.contrastream.topics.TopicException if a schema registry does not answer, or does not take or have the schema
     */
    public <T extends SpecificRecord> KafkaSink<T> sink(Topic topic, SerializableFunction<T, String> key) {
        return sink(topic, key, record -> false);
    }

    /**
     * The same where some records are to be tombstones.
     *
     * @param gone whether a record is one
     */
    public <T extends SpecificRecord> KafkaSink<T> sink(
            Topic topic, SerializableFunction<T, String> key, SerializablePredicate<T> gone) {
        return sinkOfBytes(topic, record -> key.apply(record).getBytes(StandardCharsets.UTF_8), gone);
    }

    /** Writes records in the topic's format under a key of any bytes; null for none. */
    public <T extends SpecificRecord> KafkaSink<T> sinkOfBuffers(Topic topic, SerializableFunction<T, ByteBuffer> key) {
        return sinkOfBytes(topic, record -> bytes(key.apply(record)), record -> false);
    }

    private <T extends SpecificRecord> KafkaSink<T> sinkOfBytes(
            Topic topic, SerializableFunction<T, byte[]> key, SerializablePredicate<T> gone) {
        RecordFormat format = options.format(topic);
        if (!idle.contains(topic)) {
            format.readyToWrite();
        }
        KafkaSinkBuilder<T> sink = KafkaSink.<T>builder()
                .setKafkaProducerConfig(options.clientProperties())
                .setBootstrapServers(options.bootstrapServers())
                .setRecordSerializer(new KeyedRecordWriter<>(options.topic(topic), key, gone, format, note(topic)))
                .setDeliveryGuarantee(options.deliveryGuarantee());
        if (options.deliveryGuarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
            // By the role of the topic, not by its name: a renamed topic must find its open transactions again.
            sink.setTransactionalIdPrefix(jobName + "-" + topic.id());
            sink.setProperty(
                    ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    Long.toString(options.transactionTimeout().toMillis()));
        }
        return sink.build();
    }

    /** The connector logs a loss where there is none after a restart. One of the sinks logs that, for readers of the log. */
    private String note(Topic topic) {
        return options.deliveryGuarantee() != DeliveryGuarantee.EXACTLY_ONCE || topic != Topic.EMBEDDINGS
                ? ""
                : "Output is exactly-once. After a restart the connector commits the transactions of the checkpoint"
                        + " again, and reports those that had been committed as errors: 'already fenced ... most likely"
                        + " signals data loss'. Nothing is lost unless the job was down for longer than "
                        + KafkaSettings.TRANSACTION_TIMEOUT.key() + ", which is "
                        + options.transactionTimeout().toSeconds() + " s";
    }

    private static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
