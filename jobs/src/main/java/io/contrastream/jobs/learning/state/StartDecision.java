package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.jobs.kafka.SavedOffsets;
import io.contrastream.jobs.learning.OperatorIds;
import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.jobs.option.Location;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.origin.StateFit;
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.topics.StreamPosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Decides what a job is started from, and refuses what would lose or damage what has been learned.
 *
 * <p>Without an instruction it is the newest of the states that are known. A start is refused
 *
 * <ul>
 *   <li>if a state that is known holds more;
 *   <li>if the consumer group has committed offsets beyond those of the state, which it does only when a checkpoint or savepoint
 *       that holds them is complete, and has done when a job has been stopped;
 *   <li>of a new model, or with exactly-once, or where the group has committed nothing: if vectors of a later encoder version are
 *       published. With at-least-once the newest checkpoint is behind what is published whenever a job was killed, so there
 *       the committed offsets decide, and so they do once a model has been replaced;
 *   <li>if the state does not fit the options, or the topic of images or of labels is not the one that it was read from.
 * </ul>
 */
public final class StartDecision {

    private final String job;
    private final LearnOptions learn;
    private final KafkaOptions kafka;
    private final StateFolder folder;
    private final KnownStates known;
    private final StreamPosition position;
    private final Optional<StreamPosition> labels;
    private final Supplier<Optional<PublishedVersion>> published;

    /**
     * @param job name of the job
     * @param known states of the job
     * @param position of the topic of images and of the job's consumer group
     * @param labels position of the topic of labels, where they come by themselves
     * @param published what is published; asked for only if it matters
     */
    public StartDecision(
            String job,
            LearnOptions learn,
            KafkaOptions kafka,
            StateFolder folder,
            KnownStates known,
            StreamPosition position,
            Optional<StreamPosition> labels,
            Supplier<Optional<PublishedVersion>> published) {
        this.job = job;
        this.learn = learn;
        this.kafka = kafka;
        this.folder = folder;
        this.known = known;
        this.position = position;
        this.labels = labels;
        this.published = published;
    }

    /** @throws StartRefusedException saying what would be lost, and how to do it nevertheless */
    public Start decide(StartInstruction instruction) {
        if (instruction.fresh()) {
            return fresh(instruction);
        }
        if (instruction.savepoint().isPresent()) {
            return from(read(instruction.savepoint().get()), instruction, true);
        }
        Optional<SavedState> newest = known.newest();
        if (newest.isPresent()) {
            return from(newest.get(), instruction, false);
        }
        Optional<Note> begun = known.newestStart().filter(this::leftNothing);
        return begun.isPresent() ? again(begun.get(), instruction) : fresh(instruction);
    }

    /**
     * Whether a start has completed no checkpoint and no savepoint that has read anything. With one it would have committed offsets,
     * unless it was killed in the same moment; and with exactly-once nothing is published before one, except by a model that was
     * replaced.
     */
    private boolean leftNothing(Note start) {
        boolean publishedByACheckpoint = kafka.deliveryGuarantee() == DeliveryGuarantee.EXACTLY_ONCE
                && start.generation() == 0
                && published.get().isPresent();
        return !publishedByACheckpoint
                && position.committedBeyond(start.committed()).isEmpty();
    }

    /** The start that was allowed before, and has left nothing that another could go on from. */
    private Start again(Note begun, StartInstruction instruction) {
        StartInstruction allowed =
                new StartInstruction(Optional.empty(), false, true, begun.fromEarliest() || instruction.fromEarliest());
        Start start = begun.savepoint().isEmpty() ? fresh(allowed) : from(read(begun.savepoint()), allowed, true);
        return new Start(
                start.state(),
                lineage(begun.generation()),
                start.sourceUid(),
                start.fromEarliest(),
                Optional.empty(),
                folder,
                "Its last start has completed no checkpoint and is repeated. " + start.announcement());
    }

    private Start fresh(StartInstruction instruction) {
        if (!instruction.replaceModel()) {
            requireNothingLearned(instruction);
        }
        int generation = known.generation() + (instruction.replaceModel() ? 1 : 0);
        return new Start(
                Optional.empty(),
                lineage(generation),
                OperatorIds.LABELLED_IMAGES,
                instruction.fromEarliest(),
                Optional.of(new Note("", generation, instruction.fromEarliest(), position.committed())),
                folder,
                "Starting a new model; " + waiting(instruction.fromEarliest() ? Map.of() : position.committed()));
    }

    private void requireNothingLearned(StartInstruction instruction) {
        List<String> reasons = new ArrayList<>();
        known.newest()
                .filter(state -> state.summary().encoderVersion() > 0)
                .ifPresent(state -> reasons.add(state.location() + " holds " + state.contents()));
        Map<Integer, Long> committed = position.committedBeyond(Map.of());
        if (!committed.isEmpty()) {
            reasons.add("the consumer group '" + kafka.groupId() + "' has "
                    + SavedOffsets.text(position.topic(), committed));
        }
        published
                .get()
                .ifPresent(newest -> reasons.add(
                        "the topic '" + newest.topic() + "' has records of encoder version " + newest.version()));
        if (reasons.isEmpty() && (instruction.fresh() || known.unreadable().isEmpty())) {
            return;
        }
        StringBuilder message = new StringBuilder("a new model, of encoder version 0, is not started: ");
        if (!instruction.fresh()) {
            message.append("no state of the job '" + job + "' was found in " + folder);
            if (!known.others().isEmpty()) {
                message.append(", but " + known.others().size() + " of other jobs");
            }
            if (!known.unreadable().isEmpty()) {
                message.append(", and these cannot be read: " + StateFolder.text(known.unreadable()));
            }
            message.append(reasons.isEmpty() ? ". " : ", although ");
        }
        message.append(String.join("; ", reasons))
                .append(reasons.isEmpty() ? "" : ". ")
                .append("To go on from a state: ")
                .append(
                        instruction.fresh() && known.newest().isPresent()
                                ? "leave " + StartInstruction.FRESH + " away"
                                : StartInstruction.SAVEPOINT + " PATH")
                .append("; to start a new model, whose vectors replace the published ones: ")
                .append(StartInstruction.FRESH + " " + StartInstruction.REPLACE_MODEL);
        throw new StartRefusedException(message.toString());
    }

    private Start from(SavedState state, StartInstruction instruction, boolean chosen) {
        requireFit(state);
        requireSameTopic(state, instruction);
        if (!instruction.replaceModel()) {
            requireNewest(state, instruction);
        }
        boolean branches = instruction.replaceModel() || instruction.fromEarliest();
        int generation = branches
                ? Math.max(known.generation(), state.summary().lineage().generation()) + 1
                : Math.max(known.generation(), state.summary().lineage().generation());
        Optional<Note> note = Optional.empty();
        if (branches) {
            note = Optional.of(
                    new Note(state.location(), generation, instruction.fromEarliest(), position.committed()));
        } else if (chosen) {
            note = Optional.of(Note.ofSavepoint(state.location()));
        }
        String outset =
                instruction.fromEarliest() ? "; reading " + position.topic() + " from its earliest record; " : "; ";
        return new Start(
                Optional.of(state),
                lineage(generation),
                instruction.fromEarliest() ? OperatorIds.imageSourceAfter(state.sourceUid()) : state.sourceUid(),
                instruction.fromEarliest(),
                note,
                folder,
                "Going on from " + state.location() + ": " + state.contents() + outset
                        + waiting(instruction.fromEarliest() ? Map.of() : state.offsets()));
    }

    private void requireNewest(SavedState state, StartInstruction instruction) {
        List<String> reasons = new ArrayList<>();
        String owner = state.summary().lineage().job();
        boolean foreign = !owner.isEmpty() && !owner.equals(job);
        known.newest()
                .filter(newest -> !newest.location().equals(state.location()))
                .filter(newest -> foreign ? newest.summary().encoderVersion() > 0 : newest.isAheadOf(state))
                .ifPresent(newest -> reasons.add(newest.location() + " holds " + newest.contents()));
        Map<Integer, Long> committed =
                instruction.fromEarliest() ? Map.of() : position.committedBeyond(state.offsets());
        if (!committed.isEmpty()) {
            reasons.add("the consumer group '" + kafka.groupId() + "' has "
                    + SavedOffsets.text(position.topic(), committed));
        }
        // With at-least-once alone no reason: after a kill, more is published than the newest checkpoint holds, which
        // may
        // not even have been committed. And what a model has published that was replaced says nothing of the one after
        // it.
        boolean isNewest = known.newest()
                .filter(newest -> newest.location().equals(state.location()))
                .isPresent();
        boolean telling = !reasons.isEmpty()
                || kafka.deliveryGuarantee() == DeliveryGuarantee.EXACTLY_ONCE
                || (position.committed().isEmpty() && !isNewest);
        if (telling && state.summary().lineage().generation() == 0) {
            published
                    .get()
                    .filter(newest -> newest.version() > state.summary().encoderVersion())
                    .ifPresent(newest -> reasons.add(
                            "the topic '" + newest.topic() + "' has records of encoder version " + newest.version()));
        }
        if (!reasons.isEmpty()) {
            throw new StartRefusedException("the state " + state.location() + " holds " + state.contents()
                    + ", but more has been learned: " + String.join("; ", reasons) + ". To go on from a newer state: "
                    + (instruction.savepoint().isPresent() && known.newest().isPresent()
                            ? "leave " + StartInstruction.SAVEPOINT + " away"
                            : StartInstruction.SAVEPOINT + " PATH")
                    + "; to go back to this one, whose vectors replace the published ones: "
                    + StartInstruction.REPLACE_MODEL);
        }
    }

    private void requireFit(SavedState state) {
        if (state.summary().model().isEmpty()) {
            return;
        }
        try {
            SavedLearner learner = SavedLearner.read(state.location(), OperatorIds.LEARN);
            if (!learner.restorable()) {
                throw new StartRefusedException(state.location()
                        + " has its weights where the first savepoints of 0.1.0 had them, and no job is restored from it any"
                        + " more. To start a new model from its whole learner: "
                        + StartInstruction.FRESH + " " + StartInstruction.REPLACE_MODEL
                        + " --learner.initial-state " + state.location());
            }
            StateFit.require(learn, learner.model(), learner.state());
        } catch (IllegalArgumentException e) {
            throw new StartRefusedException(state.location() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new StartRefusedException(state.location() + " cannot be read: " + Reason.of(e), e);
        }
    }

    private void requireSameTopic(SavedState state, StartInstruction instruction) {
        if (instruction.fromEarliest()) {
            return;
        }
        Lineage lineage = state.summary().lineage();
        List<String> reasons = differences(
                "kafka.topic." + kafka.images().id(), state.topic(), lineage.topicId(), state.offsets(), position);
        labels.ifPresent(now -> reasons.addAll(differences(
                TopicSettings.LABELS.key(),
                state.labels().topic(),
                lineage.labelsTopicId(),
                state.labels().offsets(),
                now)));
        if (!reasons.isEmpty()) {
            throw new StartRefusedException("the state " + state.location()
                    + " was not learned from " + (labels.isPresent() ? "these topics: " : "this topic: ")
                    + String.join("; ", reasons)
                    + ". To go on with the model and read "
                    + (labels.isPresent()
                            ? "both topics from their earliest records: "
                            : "the topic from its earliest record: ")
                    + StartInstruction.FROM_EARLIEST);
        }
    }

    /**
     * Ways in which a topic is not the one that was read.
     *
     * @param topic its name then; empty if it had no partition yet
     * @param topicId of then; empty if unknown
     */
    private static List<String> differences(
            String option, String topic, String topicId, Map<Integer, Long> offsets, StreamPosition now) {
        List<String> differences = new ArrayList<>();
        if (!topic.isEmpty() && !topic.equals(now.topic())) {
            differences.add(option + " is " + topic + " in the state, but " + now.topic() + " in the options");
            return differences;
        }
        if (!topicId.isEmpty() && !topicId.equals(now.topicId())) {
            differences.add("the topic '" + now.topic() + "' has been made anew: its id is " + now.topicId()
                    + ", but was " + topicId);
        }
        offsets.forEach((partition, offset) -> {
            Long end = now.ends().get(partition);
            if (end == null) {
                differences.add("partition " + partition + " of the topic '" + now.topic()
                        + "' has been read up to offset " + offset + ", but does not exist");
            } else if (end < offset) {
                differences.add("partition " + partition + " of the topic '" + now.topic()
                        + "' has been read up to offset " + offset + ", but ends at offset " + end);
            }
        });
        return differences;
    }

    private Lineage lineage(int generation) {
        return new Lineage(
                job, position.topicId(), labels.map(StreamPosition::topicId).orElse(""), generation);
    }

    private static SavedState read(String location) {
        try {
            return SavedState.read(Location.uri(location));
        } catch (IOException | IllegalArgumentException e) {
            throw new StartRefusedException(location + " cannot be read: " + Reason.of(e), e);
        }
    }

    private String waiting(Map<Integer, Long> offsets) {
        long waiting = position.waiting(offsets);
        long deleted = position.deleted(offsets);
        return (waiting == 1 ? "1 record waits" : waiting + " records wait")
                + (deleted == 0
                        ? ""
                        : "; " + deleted + " were deleted from the topic '" + position.topic()
                                + "' before they were read");
    }
}
