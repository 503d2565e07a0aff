package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.kafka.SavedOffsets;
import io.contrastream.jobs.learning.OperatorIds;
import io.contrastream.operators.learn.state.StateSummary;
import io.contrastream.operators.saved.SavedOperators;
import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.SortedMap;

/**
 * A savepoint or checkpoint of a learning job, known by what it holds.
 *
 * @param location URI of its folder
 * @param summary of the learner
 * @param sourceUid of the source whose offsets these are
 * @param topic that was read; empty if it had no partition yet
 * @param offsets by partition, of the next record to be read; a partition of which nothing has been read is not there
 * @param labels the same of labels that come by themselves; of no topic if there are none
 */
public record SavedState(
        String location,
        StateSummary summary,
        String sourceUid,
        String topic,
        SortedMap<Integer, Long> offsets,
        SavedOffsets labels) {

    /** Of two states of a job the one that holds more comes last; names and times do not matter. */
    public static final Comparator<SavedState> BY_CONTENT = Comparator.<SavedState>comparingInt(
                    state -> state.summary().lineage().generation())
            .thenComparingLong(state -> state.summary().encoderVersion())
            .thenComparingLong(SavedState::recordsRead);

    /**
     * Reads what one holds.
     *
     * @param location its folder as a path or URI
     * @throws java.io.FileNotFoundException if there is none
     * @throws IOException saying what is wrong, if it is not one of a learning job or cannot be read
     */
    public static SavedState read(String location) throws IOException {
        SavedOperators saved = SavedOperators.open(location);
        StateSummary summary = StateSummary.read(saved, OperatorIds.LEARN);
        String source = saved.uids().stream()
                .filter(OperatorIds::isImageSource)
                .findFirst()
                .orElseThrow(() -> new IOException("it has no source of images: it is of another job"));
        SavedOffsets read = SavedOffsets.read(saved, source);
        String labelSource = OperatorIds.labelSourceOf(source);
        SavedOffsets labels = saved.uids().contains(labelSource)
                ? SavedOffsets.read(saved, labelSource)
                : new SavedOffsets("", Collections.emptySortedMap());
        return new SavedState(saved.location(), summary, source, read.topic(), read.offsets(), labels);
    }

    /** Whether it holds more than another one. */
    public boolean isAheadOf(SavedState other) {
        return BY_CONTENT.compare(this, other) > 0;
    }

    /** Whether Flink calls it a savepoint: only who made it deletes it. */
    public boolean isSavepoint() {
        return location.substring(location.lastIndexOf('/') + 1).startsWith("savepoint-");
    }

    /** Its content, such as {@code encoder version 12, 40 images learned, images-0 read up to offset 40}. */
    public String contents() {
        return "encoder version " + summary.encoderVersion() + ", " + summary.imagesSeen() + " images learned, "
                + (offsets.isEmpty() ? "nothing read yet" : SavedOffsets.text(topic, offsets));
    }

    private long recordsRead() {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }
}
