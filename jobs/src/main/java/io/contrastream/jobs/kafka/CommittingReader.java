package io.contrastream.jobs.kafka;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;

/** A reader that at its end tells the offsets of the last of its snapshots that has become part of a checkpoint or savepoint. */
@SuppressWarnings("try") // close() of the interface
final class CommittingReader<T> implements SourceReader<T, KafkaPartitionSplit> {

    private final SourceReader<T, KafkaPartitionSplit> reader;
    private final Consumer<Map<Integer, Long>> commit;
    private final SortedMap<Long, Map<Integer, Long>> snapshots = new TreeMap<>();
    private Map<Integer, Long> completed = Map.of();

    /** @param commit takes offsets by partition, of the next record to be read */
    CommittingReader(SourceReader<T, KafkaPartitionSplit> reader, Consumer<Map<Integer, Long>> commit) {
        this.reader = reader;
        this.commit = commit;
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
        List<KafkaPartitionSplit> splits = reader.snapshotState(checkpointId);
        Map<Integer, Long> offsets = new TreeMap<>();
        for (KafkaPartitionSplit split : splits) {
            // Negative ones are marks of partitions of which nothing has been read.
            if (split.getStartingOffset() >= 0) {
                offsets.put(split.getPartition(), split.getStartingOffset());
            }
        }
        snapshots.put(checkpointId, offsets);
        return splits;
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        completed = snapshots.getOrDefault(checkpointId, completed);
        snapshots.headMap(checkpointId + 1).clear();
        reader.notifyCheckpointComplete(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        snapshots.remove(checkpointId);
        reader.notifyCheckpointAborted(checkpointId);
    }

    /** Behind what the reader itself has begun to commit. */
    @Override
    public void close() throws Exception {
        try {
            reader.close();
        } finally {
            if (!completed.isEmpty()) {
                commit.accept(completed);
            }
        }
    }

    @Override
    public void start() {
        reader.start();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        return reader.pollNext(output);
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return reader.isAvailable();
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> splits) {
        reader.addSplits(splits);
    }

    @Override
    public void notifyNoMoreSplits() {
        reader.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        reader.handleSourceEvents(event);
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume) {
        reader.pauseOrResumeSplits(toPause, toResume);
    }
}
