package io.contrastream.jobs.embedding;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.Launcher;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import io.contrastream.topics.TopicReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Which encoder the embeddings of a topic are of. */
final class OutputVersion {

    /** Offsets to look at from the end of every partition, first few and then more: among them are marks of transactions and tombstones. */
    private static final List<Long> LOOKS = List.of(30L, 3_000L);

    private static final Duration POLL = Duration.ofMillis(200);

    private OutputVersion() {}

    /**
     * Looks whether a topic is to have embeddings of one version alone, by its newest records.
     *
     * @throws TopicException if it has some of another version, or the cluster does not answer
     */
    static void require(KafkaOptions kafka, long version) {
        String name = kafka.topic(Topic.EMBEDDINGS);
        RecordFormat format = kafka.format(Topic.EMBEDDINGS);
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), kafka.properties(), List.of(name), false)) {
            Map<TopicPartition, Long> ends = reader.ends();
            for (long look : LOOKS) {
                reader.seekBack(look);
                boolean some = false;
                while (!reader.reached(ends)) {
                    for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                        some |= requireVersion(format, name, record.value(), version);
                    }
                }
                if (some) {
                    return;
                }
            }
        }
    }

    /** Whether it is an embedding. */
    private static boolean requireVersion(RecordFormat format, String topic, byte[] value, long version) {
        if (value == null) {
            return false;
        }
        long there;
        try {
            there = format.decode(value, Embedding.class).getEncoderVersion();
        } catch (WireFormatException notOurs) {
            return false;
        }
        if (there != version) {
            throw new TopicException("topic '" + topic + "' has embeddings of version " + there
                    + ", and those of version " + version
                    + " must not be mixed with them; give another topic: " + Launcher.command()
                    + " topics create --name embeddings=NAME makes one");
        }
        return true;
    }
}
