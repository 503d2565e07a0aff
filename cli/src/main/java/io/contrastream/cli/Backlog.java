package io.contrastream.cli;

import io.contrastream.jobs.kafka.KafkaOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * The records that wait for the job: those of its topic that it has not read yet.
 */
public final class Backlog implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Admin admin;
    private final String topic;
    private final String group;

    /** Connects to the cluster of the options. */
    public Backlog(KafkaOptions options) {
        Properties properties = options.clientProperties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        this.admin = Admin.create(properties);
        this.topic = options.topic(options.images());
        this.group = options.groupId();
    }

    /**
     * How many there are. Empty if the cluster does not tell.
     *
     * @param read by partition, offset of the next record that the job reads; of one that is not there, the offset counts that the
     *     consumer group has committed, which a job does at every checkpoint, and without one all that the partition has
     */
    public OptionalLong records(Map<Integer, Long> read) throws InterruptedException {
        try {
            List<TopicPartition> partitions =
                    get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic).partitions().stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            Map<TopicPartition, OffsetAndMetadata> committed =
                    get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
            Map<TopicPartition, Long> starts = offsets(partitions, OffsetSpec.earliest());
            Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
            return OptionalLong.of(partitions.stream()
                    .mapToLong(partition -> {
                        OffsetAndMetadata before = committed.get(partition);
                        long next = read.getOrDefault(partition.partition(), before == null ? 0 : before.offset());
                        return Math.max(0, ends.get(partition) - Math.max(starts.get(partition), next));
                    })
                    .sum());
        } catch (KafkaException | ExecutionException | TimeoutException notTold) {
            return OptionalLong.empty();
        }
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, ListOffsetsResultInfo> found = get(admin.listOffsets(
                        partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> which)))
                .all());
        return found.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private static <T> T get(KafkaFuture<T> future) throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
