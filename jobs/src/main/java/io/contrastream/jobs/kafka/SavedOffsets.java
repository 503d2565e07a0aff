package io.contrastream.jobs.kafka;

import io.contrastream.operators.saved.SavedOperators;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.io.SimpleVersionedSerialization;

/**
 * How far a source has read a topic, as a savepoint or checkpoint holds it.
 *
 * @param topic that was read; empty if it had no partition yet
 * @param offsets by partition, of the next record to be read; a partition of which nothing has been read is not there
 */
public record SavedOffsets(String topic, SortedMap<Integer, Long> offsets) {

    /** As Flink's operator for sources calls it. */
    private static final ListStateDescriptor<byte[]> SPLITS =
            new ListStateDescriptor<>("SourceReaderState", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    public SavedOffsets {
        offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
    }

    /**
     * Reads them.
     *
     * @param uid of the source
     * @throws IOException if there is no such source, or its state cannot be read
     */
    public static SavedOffsets read(SavedOperators saved, String uid) throws IOException {
        String topic = "";
        SortedMap<Integer, Long> offsets = new TreeMap<>();
        KafkaPartitionSplitSerializer serializer = new KafkaPartitionSplitSerializer();
        for (byte[] bytes : saved.list(uid, SPLITS)) {
            KafkaPartitionSplit split = SimpleVersionedSerialization.readVersionAndDeSerialize(serializer, bytes);
            topic = split.getTopic();
            if (split.getStartingOffset() >= 0) {
                offsets.put(split.getPartition(), split.getStartingOffset());
            }
        }
        return new SavedOffsets(topic, offsets);
    }

    /** Records before these offsets, of all partitions. */
    public long recordsRead() {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Offsets as text, such as {@code images-0 read up to offset 40}. */
    public static String text(String topic, Map<Integer, Long> offsets) {
        return String.join(
                ", ",
                offsets.entrySet().stream()
                        .map(offset -> topic + "-" + offset.getKey() + " read up to offset " + offset.getValue())
                        .toList());
    }
}
