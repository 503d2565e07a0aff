package io.contrastream.jobs.kafka;

import io.contrastream.topics.TopicException;
import io.contrastream.topics.Topics;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source of one topic that has committed the offsets of the last checkpoint or savepoint when it has ended, however it was
 * stopped. Flink's own source begins to commit when one is complete, and does not wait: of the savepoint that a job is stopped with,
 * the offsets are usually not committed.
 */
final class CommittingSource<T>
        implements Source<T, KafkaPartitionSplit, KafkaSourceEnumState>, ResultTypeQueryable<T>, LineageVertexProvider {

    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(CommittingSource.class);
    /** A broker that is away must not keep a job from being started again. */
    private static final String PATIENCE_MS = "3000";

    private final KafkaSource<T> source;
    private final KafkaOptions options;
    private final String topic;

    /** @param topic that the source reads */
    CommittingSource(KafkaSource<T> source, KafkaOptions options, String topic) {
        this.source = source;
        this.options = options;
        this.topic = topic;
    }

    @Override
    public SourceReader<T, KafkaPartitionSplit> createReader(SourceReaderContext context) throws Exception {
        EndOfJob.loadAhead();
        return new CommittingReader<>(source.createReader(context), this::commit);
    }

    private void commit(Map<Integer, Long> offsets) {
        try (Topics topics = connect()) {
            topics.commit(topic, options.groupId(), offsets);
        } catch (TopicException e) {
            LOG.warn(
                    "The consumer group {} does not tell how far {} has been read, which is up to {}: {}",
                    options.groupId(),
                    topic,
                    offsets,
                    e.getMessage());
        } catch (NoClassDefFoundError e) {
            LOG.warn(
                    "The consumer group {} does not tell how far {} has been read: the TaskManager is being stopped and loads no class",
                    options.groupId(),
                    topic);
        }
    }

    private Topics connect() {
        Map<String, String> properties = new HashMap<>(options.properties());
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        return new Topics(options.bootstrapServers(), properties);
    }

    @Override
    public Boundedness getBoundedness() {
        return source.getBoundedness();
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        EndOfJob.loadAhead();
        return source.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state) throws Exception {
        EndOfJob.loadAhead();
        return source.restoreEnumerator(context, state);
    }

    @Override
    public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
        return source.getSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
        return source.getEnumeratorCheckpointSerializer();
    }

    @Override
    public TypeInformation<T> getProducedType() {
        return source.getProducedType();
    }

    @Override
    public LineageVertex getLineageVertex() {
        return source.getLineageVertex();
    }
}
