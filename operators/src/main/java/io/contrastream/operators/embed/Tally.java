package io.contrastream.operators.embed;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Counts the records that pass, by what they are, and keeps what the first of them say. The counts are part of the checkpoints, so that a
 * record that passes again after a failure counts once; they may be rescaled. They are published as an accumulator of the job.
 *
 * @param <T> type of the records, which stay as they are
 */
public final class Tally<T> extends RichMapFunction<T, T> implements CheckpointedFunction {

    private static final long serialVersionUID = 1;
    private static final String ACCUMULATOR = "tally-";
    private static final int MOST_TEXTS = 10;

    private final String name;
    private final Text<T> kind;
    private final Text<T> text;

    private transient ListState<Map<String, Long>> storedCounts;
    private transient ListState<String> storedTexts;
    private transient TallyAccumulator tally;

    /**
     * @param name of its counts, another one for every tally of a job
     * @param kind what a record is
     * @param text what a record says; null for nothing
     */
    public Tally(String name, Text<T> kind, Text<T> text) {
        this.name = name;
        this.kind = kind;
        this.text = text;
    }

    /** A text of a record. */
    @FunctionalInterface
    public interface Text<T> extends Serializable {

        String of(T record);
    }

    /**
     * Counts of a job.
     *
     * @param counts records by what they are
     * @param texts what the first of them said, at most ten of every parallel instance
     */
    public record Counts(Map<String, Long> counts, List<String> texts) implements Serializable {

        /** How many there were. */
        public long of(String kind) {
            return counts.getOrDefault(kind, 0L);
        }
    }

    /** Counts of a job up to now. */
    public static Counts of(Map<String, Object> accumulators, String name) {
        return accumulators.get(ACCUMULATOR + name) instanceof Counts counts ? counts : new Counts(Map.of(), List.of());
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        storedCounts = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("counts", Types.MAP(Types.STRING, Types.LONG)));
        storedTexts = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("texts", Types.STRING));
        tally = new TallyAccumulator();
        for (Map<String, Long> counts : storedCounts.get()) {
            tally.add(new Counts(counts, List.of()));
        }
        List<String> texts = new ArrayList<>();
        storedTexts.get().forEach(texts::add);
        tally.add(new Counts(Map.of(), texts));
        getRuntimeContext().addAccumulator(ACCUMULATOR + name, tally);
    }

    @Override
    public T map(T record) {
        String said = tally.texts() < MOST_TEXTS ? text.of(record) : null;
        tally.add(new Counts(Map.of(kind.of(record), 1L), said == null ? List.of() : List.of(said)));
        return record;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Counts now = tally.getLocalValue();
        storedCounts.update(List.of(new TreeMap<>(now.counts())));
        storedTexts.update(now.texts());
    }
}
