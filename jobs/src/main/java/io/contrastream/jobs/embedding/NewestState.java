package io.contrastream.jobs.embedding;

import io.contrastream.jobs.cluster.StateLocations;
import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.jobs.kafka.SavedOffsets;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.embed.Owner;
import io.contrastream.operators.saved.SavedOperators;
import io.contrastream.topics.StreamPosition;
import io.contrastream.topics.Topic;
import io.contrastream.topics.Topics;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * The newest state that an embedding job with exactly-once output has left. When a checkpoint is complete, the consumer group's offsets and the
 * transactions with the answers are committed by different tasks, so that after a kill the group may be ahead of the answers, or behind. The
 * checkpoint has both: a job that goes on from it commits its transactions, and reads on behind them.
 *
 * @param location URI of its folder
 * @param offsets of the queries
 */
record NewestState(String location, SavedOffsets offsets) {

    /**
     * Finds it in the job's folder of checkpoints.
     *
     * @param folder URI of the folder
     * @param say receives a line on states that cannot be read, and if the group is ahead of all
     * @return empty if there is none, or the consumer group has read on behind it
     * @throws IOException if the folder cannot be read
     * @throws io.contrastream.topics.TopicException if Kafka does not answer
     */
    static Optional<NewestState> find(String folder, EmbeddingOptions options, Consumer<String> say)
            throws IOException {
        KafkaOptions kafka = options.kafka();
        String topic = kafka.topic(Topic.IMAGE_QUERIES);
        StreamPosition position = position(kafka);
        Owner owner = new Owner(options.name(), position.topicId());
        List<NewestState> own = new ArrayList<>();
        for (String location : StateLocations.in(new Path(folder))) {
            try {
                read(location, owner).ifPresent(own::add);
            } catch (FileNotFoundException replacedMeanwhile) {
                // A running job replaces its checkpoints.
            } catch (IOException e) {
                say.accept("Passed over " + location + ": " + Reason.of(e));
            }
        }
        Optional<NewestState> newest = own.stream()
                .max(Comparator.<NewestState>comparingLong(
                                state -> state.offsets().recordsRead())
                        .thenComparing(NewestState::location));
        Map<Integer, Long> beyond = position.committedBeyond(
                newest.map(state -> state.offsets().offsets()).orElseGet(TreeMap::new));
        if (beyond.isEmpty()) {
            return newest;
        }
        say.accept("contrastream: warning: the consumer group " + kafka.groupId() + " has "
                + SavedOffsets.text(topic, beyond) + ", and no state in " + folder
                + " has so much: the job goes on behind that, and if the last one was killed, answers before it may be"
                + " missing");
        return Optional.empty();
    }

    /** The job and the topic that every checkpoint names. */
    static Owner owner(EmbeddingOptions options) {
        return new Owner(options.name(), position(options.kafka()).topicId());
    }

    private static StreamPosition position(KafkaOptions kafka) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            return topics.position(kafka.topic(Topic.IMAGE_QUERIES), kafka.groupId());
        }
    }

    /** Where it is, and how far it has come. */
    String text() {
        return location
                + (offsets.offsets().isEmpty() ? "" : ": " + SavedOffsets.text(offsets.topic(), offsets.offsets()));
    }

    private static Optional<NewestState> read(String location, Owner owner) throws IOException {
        SavedOperators saved = SavedOperators.open(location);
        if (!saved.uids().contains(OperatorIds.EMBED)
                || !Owner.read(saved, OperatorIds.EMBED).equals(owner)) {
            return Optional.empty();
        }
        return Optional.of(new NewestState(saved.location(), SavedOffsets.read(saved, OperatorIds.IMAGE_QUERIES)));
    }
}
