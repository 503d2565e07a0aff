package io.contrastream.jobs.kafka;

import io.contrastream.topics.TopicException;
import io.contrastream.topics.Topics;
import java.util.HashMap;
import java.util.List;
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
    /** What Kafka's clients load only when they close their connections, and when a request fails because of it. */
    private static final List<String> LOADED_AT_THE_END = List.of(
            "org.apache.kafka.common.network.Selector$CloseMode", "org.apache.kafka.common.requests.RequestUtils");

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
        loadAhead();
        return source.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state) throws Exception {
        loadAhead();
        return source.restoreEnumerator(context, state);
    }

    /**
     * When a job ends, the JobManager closes the job's class loader while the enumerator's client is still being closed. What the client
     * cannot load then keeps it from closing its connection, which stays open as long as the JobManager runs.
     */
    private static void loadAhead() {
        try {
            for (String name : LOADED_AT_THE_END) {
                Class.forName(name, true, KafkaSource.class.getClassLoader());
            }
        } catch (ClassNotFoundException e) {
            LOG.warn("A connection to Kafka may stay open when the job ends", e);
        }
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
