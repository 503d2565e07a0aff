package io.contrastream.operators.embed;

import io.contrastream.operators.embed.Tally.Counts;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.accumulators.Accumulator;

/** Adds counts up. Thread-safe: Flink reads it while the task works. */
final class TallyAccumulator implements Accumulator<Counts, Counts> {

    private static final long serialVersionUID = 1;

    private final ConcurrentHashMap<String, Long> counts = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<String> texts = new CopyOnWriteArrayList<>();

    int texts() {
        return texts.size();
    }

    @Override
    public void add(Counts more) {
        more.counts().forEach((kind, count) -> counts.merge(kind, count, Long::sum));
        texts.addAll(more.texts());
    }

    @Override
    public Counts getLocalValue() {
        return new Counts(new TreeMap<>(counts), List.copyOf(texts));
    }

    @Override
    public void resetLocal() {
        counts.clear();
        texts.clear();
    }

    @Override
    public void merge(Accumulator<Counts, Counts> other) {
        add(other.getLocalValue());
    }

    @Override
    public TallyAccumulator clone() {
        TallyAccumulator copy = new TallyAccumulator();
        copy.merge(this);
        return copy;
    }
}
