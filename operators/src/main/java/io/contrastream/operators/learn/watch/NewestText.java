package io.contrastream.operators.learn.watch;

import java.util.Objects;
import org.apache.flink.api.common.accumulators.Accumulator;
import org.apache.flink.api.common.accumulators.SimpleAccumulator;

/**
 * The newest of some texts, which Flink brings from the task to those who ask for the job's accumulators. Empty until there was one.
 *
 * <p>Thread-safe: Flink reads it while the task works.
 */
final class NewestText implements SimpleAccumulator<String> {

    private static final long serialVersionUID = 1;

    private volatile String text = "";

    @Override
    public void add(String newer) {
        text = Objects.requireNonNull(newer);
    }

    @Override
    public String getLocalValue() {
        return text;
    }

    @Override
    public void resetLocal() {
        text = "";
    }

    /** Of subtasks that have one each, any; the learner is one. */
    @Override
    public void merge(Accumulator<String, String> other) {
        if (!other.getLocalValue().isEmpty()) {
            text = other.getLocalValue();
        }
    }

    @Override
    public NewestText clone() {
        NewestText copy = new NewestText();
        copy.text = text;
        return copy;
    }
}
