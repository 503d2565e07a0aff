package io.contrastream.operators.decode;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.accumulators.Accumulator;

/**
 * How far this attempt to run the job has read each partition: offset of the next record to be read, by partition. A partition of
 * which it has read nothing is not there. Flink brings it from the tasks to those who ask for the job's accumulators.
 *
 * <p>Thread-safe: Flink reads it while the task works.
 */
public final class OffsetsRead implements Accumulator<KafkaRecord, ConcurrentHashMap<Integer, Long>> {

    /** Name of the accumulator. */
    public static final String NAME = "offsets-read";

    private static final long serialVersionUID = 1;

    private final ConcurrentHashMap<Integer, Long> offsets = new ConcurrentHashMap<>();

    OffsetsRead() {}

    /** The offsets among the accumulators of a job; empty if it has none yet. */
    public static Map<Integer, Long> of(Map<String, Object> accumulators) {
        Map<Integer, Long> offsets = new HashMap<>();
        if (accumulators.get(NAME) instanceof Map<?, ?> read) {
            read.forEach((partition, offset) -> offsets.put((Integer) partition, (Long) offset));
        }
        return offsets;
    }

    @Override
    public void add(KafkaRecord record) {
        offsets.put(record.partition(), record.offset() + 1);
    }

    @Override
    public ConcurrentHashMap<Integer, Long> getLocalValue() {
        return new ConcurrentHashMap<>(offsets);
    }

    @Override
    public void resetLocal() {
        offsets.clear();
    }

    @Override
    public void merge(Accumulator<KafkaRecord, ConcurrentHashMap<Integer, Long>> other) {
        other.getLocalValue().forEach((partition, offset) -> offsets.merge(partition, offset, Math::max));
    }

    @Override
    public OffsetsRead clone() {
        OffsetsRead copy = new OffsetsRead();
        copy.merge(this);
        return copy;
    }
}
