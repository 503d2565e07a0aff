package io.contrastream.operators.learn.state;

import io.contrastream.operators.saved.SavedOperators;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * Summary of a stored learner, without its weights: cheap to read, so that the newest of many states can be found.
 *
 * @param model name of the model; empty if nothing has been stored of it yet
 * @param lineage where it belongs
 * @param encoderVersion optimiser steps since the model's start
 * @param imagesSeen images learned from since the model's start
 */
public record StateSummary(String model, Lineage lineage, long encoderVersion, long imagesSeen) {

    /** Stored as lines in an order that is never changed, only added to. */
    static final ListStateDescriptor<String> STATE = new ListStateDescriptor<>("summary", Types.STRING);

    /** Those of before topics of labels. */
    private static final int LINES = 6;

    /**
     * Reads it; of a state from before summaries were stored, by reading the whole learner.
     *
     * @param uid of the learning operator
     * @throws IOException saying what is wrong, if there is no learner or it cannot be read
     */
    public static StateSummary read(SavedOperators saved, String uid) throws IOException {
        List<String> lines = saved.list(uid, STATE);
        if (lines.size() >= LINES) {
            return parse(lines);
        }
        if (saved.list(uid, LearnerStateStore.MODEL).isEmpty()) {
            return new StateSummary("", Lineage.UNKNOWN, 0, 0);
        }
        SavedLearner learner = SavedLearner.read(saved, uid);
        return new StateSummary(
                learner.model(),
                Lineage.UNKNOWN,
                learner.state().encoder().step(),
                learner.state().progress().imagesSeen());
    }

    List<String> lines() {
        return List.of(
                model,
                lineage.job(),
                lineage.topicId(),
                Integer.toString(lineage.generation()),
                Long.toString(encoderVersion),
                Long.toString(imagesSeen),
                lineage.labelsTopicId());
    }

    private static StateSummary parse(List<String> lines) throws IOException {
        try {
            Lineage lineage = new Lineage(
                    lines.get(1),
                    lines.get(2),
                    lines.size() > LINES ? lines.get(LINES) : "",
                    Integer.parseInt(lines.get(3)));
            return new StateSummary(lines.get(0), lineage, Long.parseLong(lines.get(4)), Long.parseLong(lines.get(5)));
        } catch (NumberFormatException e) {
            throw new IOException("its summary is not one: " + lines, e);
        }
    }
}
