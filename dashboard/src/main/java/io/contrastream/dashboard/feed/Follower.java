package io.contrastream.dashboard.feed;

import io.contrastream.dashboard.model.Board;
import io.contrastream.dashboard.model.Images;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the topics, from where what is shown begins, for as long as it is open. If Kafka does not answer it waits, and goes on after the
 * last record that it has read.
 */
public final class Follower implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(250);
    /** How often it is asked whether Kafka is still there while nothing comes. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);

    /** How many offsets a partition is read back: enough for what is kept of it. */
    private static final Map<Topic, Long> BACK = Map.of(
            Topic.LEARNING_REPORTS, 200_000L,
            Topic.PROTOTYPES, 200_000L,
            Topic.ENCODER_RELEASES, 1_000L,
            Topic.REJECTED_IMAGES, 200L,
            Topic.EMBEDDINGS, 40_000L,
            Topic.LABELLED_IMAGES, 5_000L,
            Topic.IMAGES, 5_000L,
            Topic.IMAGE_QUERIES, 1_000L);

    private final Stream stream;
    private final Board board;
    private final Images images;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Looper looper;

    /** Begins to read. */
    public Follower(Stream stream, Board board, Images images) {
        this.stream = stream;
        this.board = board;
        this.images = images;
        this.looper = new Looper("contrastream-dashboard-reader", this::follow, board::problem);
    }

    private void follow() {
        Map<String, Topic> topics = existing();
        try (TopicReader reader =
                new TopicReader(stream.bootstrapServers(), stream.properties(), topics.keySet(), false)) {
            reader.seekBack(name -> BACK.get(topics.get(name)));
            next.forEach(reader::seek);
            board.problem("");
            long heard = System.nanoTime();
            while (!Thread.currentThread().isInterrupted()) {
                List<ConsumerRecord<byte[], byte[]>> records = reader.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    take(topics.get(record.topic()), record);
                    next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
                }
                long now = System.nanoTime();
                if (!records.isEmpty()) {
                    heard = now;
                } else if (now - heard > SIGN_OF_LIFE.toNanos()) {
                    reader.ends();
                    heard = now;
                }
            }
        }
    }

    private Map<String, Topic> existing() {
        try (Topics admin = new Topics(stream.bootstrapServers(), stream.properties())) {
            Map<String, Topic> topics = admin.describe(stream.topics()).stream()
                    .filter(status -> status.exists() && BACK.containsKey(status.topic()))
                    .collect(Collectors.toMap(status -> status.name(), status -> status.topic()));
            if (!topics.containsValue(Topic.LEARNING_REPORTS) || !topics.containsValue(Topic.EMBEDDINGS)) {
                throw new TopicException("waiting for the topics "
                        + stream.topics().get(Topic.LEARNING_REPORTS) + " and "
                        + stream.topics().get(Topic.EMBEDDINGS) + " at " + stream.bootstrapServers());
            }
            return topics;
        }
    }

    private void take(Topic topic, ConsumerRecord<byte[], byte[]> record) {
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        switch (topic) {
            case LABELLED_IMAGES, IMAGES, IMAGE_QUERIES -> {
                if (record.value() == null) {
                    images.remove(key);
                } else {
                    images.add(key, record.topic(), record.partition(), record.offset(), record.value());
                }
            }
            default -> {
                if (record.value() == null) {
                    forget(topic, key);
                } else {
                    try {
                        board.take(stream.formats().get(topic).decode(record.value(), topic.type()));
                    } catch (WireFormatException e) {
                        board.unreadable();
                    }
                }
            }
        }
    }

    private void forget(Topic topic, String key) {
        if (topic == Topic.EMBEDDINGS) {
            board.forgetImage(key);
        } else if (topic == Topic.PROTOTYPES) {
            board.forgetPrototype(key);
        }
    }

    @Override
    public void close() {
        looper.close();
    }
}
