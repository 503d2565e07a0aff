package io.contrastream.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Looks on: reads all partitions of some topics from their beginning or their end, without being a member of a consumer group
 * and without leaving a trace. Of records that were written in transactions, only committed ones are read.
 *
 * <p>Not thread-safe.
 */
public final class TopicReader implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String bootstrapServers;
    private final List<TopicPartition> partitions;

    /**
     * Opens topics.
     *
     * @param properties more properties of Kafka's client; those of other clients are ignored
     * @param fromBeginning whether to start at the oldest record rather than after the newest
     * @throws TopicException if the cluster does not answer or lacks a topic
     */
    public TopicReader(
            String bootstrapServers, Map<String, String> properties, Collection<String> topics, boolean fromBeginning) {
        this.bootstrapServers = bootstrapServers;
        this.consumer = consumer(bootstrapServers, properties);
        try {
            this.partitions =
                    topics.stream().flatMap(topic -> partitions(topic).stream()).toList();
            consumer.assign(partitions);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
                // Seeking is lazy: what arrives from now on must not be missed.
                partitions.forEach(consumer::position);
            }
        } catch (InterruptException e) {
            consumer.close();
            throw e;
        } catch (KafkaException e) {
            consumer.close();
            throw failure(e);
        } catch (TopicException e) {
            consumer.close();
            throw e;
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers, Map<String, String> properties) {
        Map<String, Object> all = new HashMap<>();
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
        all.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis() / 3));
        all.putAll(ClientProperties.of(properties, ConsumerConfig.configNames()));
        all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        try {
            return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new TopicException(
                    "cannot connect to Kafka at '" + bootstrapServers + "': " + reason.getMessage(), e);
        }
    }

    private List<TopicPartition> partitions(String topic) {
        List<PartitionInfo> infos = consumer.partitionsFor(topic);
        if (infos == null || infos.isEmpty()) {
            throw new TopicException("there is no topic '" + topic + "' at " + bootstrapServers);
        }
        return infos.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    private TopicException failure(KafkaException e) {
        return e instanceof TimeoutException
                ? new TopicException("no answer from Kafka at '" + bootstrapServers + "': is it running there?", e)
                : new TopicException("Kafka at " + bootstrapServers + ": " + e.getMessage(), e);
    }

    /**
     * The next records; those of one partition in their order.
     *
     * @param patience how long to wait for the first
     * @throws TopicException if the cluster refuses
     * @throws InterruptException if the thread is interrupted
     */
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration patience) {
        try {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            consumer.poll(patience).forEach(records::add);
            return records;
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw failure(e);
        }
    }

    /** Goes back: the next read begins this number of offsets before the end, or where a partition begins. */
    public void seekBack(long offsets) {
        seekBack(topic -> offsets);
    }

    /** Goes back: what is read next begins as many offsets before the end as are given for a topic, or where a partition begins. */
    public void seekBack(ToLongFunction<String> offsets) {
        try {
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
            ends().forEach((partition, end) -> consumer.seek(
                    partition, Math.max(begins.get(partition), end - offsets.applyAsLong(partition.topic()))));
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw failure(e);
        }
    }

    /** Goes to an offset of one partition; of one that is not read, nothing happens. */
    public void seek(TopicPartition partition, long offset) {
        if (partitions.contains(partition)) {
            consumer.seek(partition, offset);
        }
    }

    /**
     * Reads one record; what is read next of its partition follows it, and other partitions stay where they are.
     *
     * @param patience how long to wait for it
     * @return empty if there is none at that offset any more, or none came in time
     */
    public Optional<ConsumerRecord<byte[], byte[]>> at(TopicPartition partition, long offset, Duration patience) {
        try {
            consumer.pause(partitions);
            consumer.resume(List.of(partition));
            consumer.seek(partition, offset);
            long deadline = System.nanoTime() + patience.toNanos();
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                    consumer.seek(partition, record.offset() + 1);
                    return Optional.of(record).filter(found -> found.offset() == offset);
                }
            }
            return Optional.empty();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw failure(e);
        } finally {
            consumer.resume(partitions);
        }
    }

    /** Where the topics begin now: the offset of the oldest record of every partition. */
    public Map<TopicPartition, Long> begins() {
        try {
            return consumer.beginningOffsets(partitions);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw failure(e);
        }
    }

    /** Where the topics end now: the offset after the newest record of every partition. */
    public Map<TopicPartition, Long> ends() {
        try {
            return consumer.endOffsets(partitions);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw failure(e);
        }
    }

    /** Whether everything before some ends was read. */
    public boolean reached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
