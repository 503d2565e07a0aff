package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Encoder version of the newest records that are published, as a read-committed consumer sees them.
 *
 * @param topic that has the record
 * @param version above 0
 */
public record PublishedVersion(String topic, long version) {

    /** Offsets to look at from the end, first few and then more: among them are marks of transactions and records of other models. */
    private static final List<Long> LOOKS = List.of(30L, 3_000L);

    private static final Duration POLL = Duration.ofMillis(200);

    /**
     * The highest among the newest records of the output topics. Embeddings and prototypes do not name their model: whoever's they
     * are, another model would overwrite them.
     *
     * @return empty if nothing is published
     * @throws io.contrastream.topics.TopicException if the cluster does not answer
     */
    public static Optional<PublishedVersion> newest(KafkaOptions kafka, String model) {
        PublishedVersion newest = new PublishedVersion("", 0);
        for (Topic topic : List.of(Topic.EMBEDDINGS, Topic.PROTOTYPES, Topic.LEARNING_REPORTS)) {
            long version = newest(kafka, kafka.topic(topic), topic, model);
            if (version > newest.version()) {
                newest = new PublishedVersion(kafka.topic(topic), version);
            }
        }
        return newest.version() == 0 ? Optional.empty() : Optional.of(newest);
    }

    private static long newest(KafkaOptions kafka, String name, Topic topic, String model) {
        RecordFormat format = kafka.format(topic);
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), kafka.properties(), List.of(name), false)) {
            Map<TopicPartition, Long> ends = reader.ends();
            for (long look : LOOKS) {
                reader.seekBack(look);
                long newest = 0;
                while (!reader.reached(ends)) {
                    for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                        newest = Math.max(newest, version(format, topic, record.value(), model));
                    }
                }
                if (newest > 0) {
                    return newest;
                }
            }
            return 0;
        }
    }

    /** 0 of a tombstone, of what is not a record of the topic, and of another model's. */
    private static long version(RecordFormat format, Topic topic, byte[] value, String model) {
        try {
            return switch (topic) {
                case EMBEDDINGS ->
                    decode(format, value, Embedding.class)
                            .map(Embedding::getEncoderVersion)
                            .orElse(0L);
                case PROTOTYPES ->
                    decode(format, value, ClassPrototype.class)
                            .map(ClassPrototype::getEncoderVersion)
                            .orElse(0L);
                default ->
                    decode(format, value, LearningReport.class)
                            .filter(report -> report.getModel().equals(model))
                            .map(LearningReport::getEncoderVersion)
                            .orElse(0L);
            };
        } catch (WireFormatException notOurs) {
            return 0;
        }
    }

    private static <T extends SpecificRecord> Optional<T> decode(RecordFormat format, byte[] value, Class<T> type)
            throws WireFormatException {
        return value == null ? Optional.empty() : Optional.of(format.decode(value, type));
    }
}
