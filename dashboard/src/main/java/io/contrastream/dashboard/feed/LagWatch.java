package io.contrastream.dashboard.feed;

import io.contrastream.dashboard.model.Board;
import io.contrastream.dashboard.model.Lag;
import io.contrastream.topics.StreamPosition;
import io.contrastream.topics.Topic;
import io.contrastream.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks Kafka every few seconds how much waits for the jobs, and which learner is at work. */
public final class LagWatch implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofSeconds(3);
    /** See decision 132. */
    private static final String WRITERS = "contrastream-writer-of-";

    private final Stream stream;
    private final Board board;
    private final Clock clock;
    private final Looper looper;

    /** Begins to ask. */
    public LagWatch(Stream stream, Board board, Clock clock) {
        this.stream = stream;
        this.board = board;
        this.clock = clock;
        // The follower tells of the same problem.
        this.looper = new Looper("contrastream-dashboard-lag", this::watch, problem -> {});
    }

    private void watch() throws InterruptedException {
        Topic learned = stream.topics().containsKey(Topic.IMAGES) ? Topic.IMAGES : Topic.LABELLED_IMAGES;
        try (Topics topics = new Topics(stream.bootstrapServers(), stream.properties())) {
            while (true) {
                board.lag(
                        new Lag(
                                waiting(topics, learned, stream.learningGroup()),
                                waiting(topics, Topic.IMAGE_QUERIES, stream.embeddingGroup()),
                                topics.members(WRITERS + stream.topics().get(Topic.PROTOTYPES))),
                        clock.millis());
                Thread.sleep(INTERVAL.toMillis());
            }
        }
    }

    private OptionalLong waiting(Topics topics, Topic topic, String group) {
        try {
            StreamPosition position = topics.position(stream.topics().get(topic), group);
            return OptionalLong.of(position.waiting(position.committed()));
        } catch (UnknownTopicOrPartitionException notThere) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void close() {
        looper.close();
    }
}
