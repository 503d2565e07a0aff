package io.contrastream.topics;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Extent of a topic, and how far a consumer group has read it.
 *
 * @param topic its name
 * @param topicId Kafka's id of it: a topic that is deleted and made anew gets another
 * @param begins by partition, offset of the oldest record
 * @param ends by partition, offset of the next record to be written
 * @param committed by partition, offset that the group has committed; a partition of which it has committed none is not there
 */
public record StreamPosition(
        String topic,
        String topicId,
        SortedMap<Integer, Long> begins,
        SortedMap<Integer, Long> ends,
        SortedMap<Integer, Long> committed) {

    /**
     * Records from some offsets to the end.
     *
     * @param offsets by partition; of one that is not there, all records count
     */
    public long waiting(Map<Integer, Long> offsets) {
        long waiting = 0;
        for (Map.Entry<Integer, Long> end : ends.entrySet()) {
            long begin = begins.getOrDefault(end.getKey(), 0L);
            waiting += Math.max(0, end.getValue() - Math.max(begin, offsets.getOrDefault(end.getKey(), begin)));
        }
        return waiting;
    }

    /** Records after some offsets that the topic no longer has. */
    public long deleted(Map<Integer, Long> offsets) {
        return offsets.entrySet().stream()
                .mapToLong(offset -> Math.max(0, begins.getOrDefault(offset.getKey(), 0L) - offset.getValue()))
                .sum();
    }

    /** The partitions in which the group has committed more than some offsets, with what it has committed. */
    public SortedMap<Integer, Long> committedBeyond(Map<Integer, Long> offsets) {
        SortedMap<Integer, Long> beyond = new TreeMap<>(committed);
        beyond.entrySet().removeIf(offset -> offset.getValue() <= offsets.getOrDefault(offset.getKey(), 0L));
        return beyond;
    }
}
