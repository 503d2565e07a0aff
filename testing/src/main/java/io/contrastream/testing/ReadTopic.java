package io.contrastream.testing;

import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic of one partition from its start, as any consumer outside would: read-committed, decoded from its bytes, without tombstones. */
public final class ReadTopic<T extends SpecificRecord> implements AutoCloseable {

    private final String topic;
    private final Class<T> type;
    private final RecordFormat format;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<Received<T>> received = new ArrayList<>();

    ReadTopic(String bootstrapServers, String topic, Class<T> type, RecordFormat format) {
        this.topic = topic;
        this.type = type;
        this.format = format;
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(new TopicPartition(topic, 0)));
        consumer.seekToBeginning(consumer.assignment());
    }

    /**
     * Reads on until the condition holds for everything read so far.
     *
     * @return everything read so far, in the topic's order
     * @throws AssertionError if it does not in time
     */
    public List<Received<T>> until(String what, Predicate<List<T>> condition) throws WireFormatException {
        Instant deadline = Instant.now().plus(Await.PATIENCE);
        while (!condition.test(values())) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("waited " + Await.PATIENCE.toSeconds() + " s in vain until " + topic + " had "
                        + what + "; it has " + received.size() + " records, the last being "
                        + (received.isEmpty() ? "none" : received.get(received.size() - 1)));
            }
            poll(Duration.ofMillis(100));
        }
        return List.copyOf(received);
    }

    /** The records that are committed by now. */
    public List<Received<T>> soFar() throws WireFormatException {
        TopicPartition partition = new TopicPartition(topic, 0);
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        while (consumer.position(partition) < end) {
            poll(Duration.ofMillis(100));
        }
        return List.copyOf(received);
    }

    private void poll(Duration patience) throws WireFormatException {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            if (record.value() != null) {
                received.add(new Received<>(record.key(), format.decode(record.value(), type)));
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }

    private List<T> values() {
        return received.stream().map(Received::value).toList();
    }

    /** A record: its key as it was, its value decoded. */
    public record Received<T>(byte[] key, T value) {}
}
