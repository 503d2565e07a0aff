package io.contrastream.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up and creates the topics of the system in a Kafka cluster. */
public final class Topics implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Admin admin;
    private final String bootstrapServers;

    /**
     * Connects to a cluster.
     *
     * @param bootstrapServers its addresses, {@code host:port,…}
     * @param properties more properties of Kafka's client, such as its security settings; those of other clients are ignored
     * @throws TopicException if no address resolves or a property is refused
     */
    public Topics(String bootstrapServers, Map<String, String> properties) {
        this.bootstrapServers = bootstrapServers;
        Map<String, Object> all = new HashMap<>();
        all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
        all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis() / 3));
        all.putAll(ClientProperties.of(properties, AdminClientConfig.configNames()));
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        try {
            this.admin = Admin.create(all);
        } catch (KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new TopicException(
                    "cannot connect to Kafka at '" + bootstrapServers + "': " + reason.getMessage(), e);
        }
    }

    /**
     * Creates those topics that do not exist yet, and returns when every one has a leader. Existing ones are left as they are.
     *
     * @return the topics that were created
     * @throws TopicException if the cluster refuses or does not answer
     */
    public Set<Topic> create(TopicLayout layout) {
        Set<String> existing = existing(layout.names().values());
        Map<Topic, String> missing = new EnumMap<>(Topic.class);
        layout.names().forEach((topic, name) -> {
            if (!existing.contains(name)) {
                missing.put(topic, name);
            }
        });
        List<NewTopic> wanted = new ArrayList<>();
        missing.forEach(
                (topic, name) -> wanted.add(new NewTopic(name, layout.partitionsOf(topic), layout.replicationFactor())
                        .configs(layout.settingsOf(topic))));
        for (KafkaFuture<Void> creation : admin.createTopics(wanted).values().values()) {
            try {
                get(creation);
            } catch (TopicExistsException createdBySomebodyElse) {
                // Which is as good.
            }
        }
        awaitLeaders(layout.names().values());
        return missing.keySet();
    }

    /**
     * Checks that topics exist.
     *
     * @throws TopicException naming the missing ones and the command that creates them, or if the cluster does not answer
     */
    public void requireExisting(Map<Topic, String> names) {
        Set<String> existing = existing(names.values());
        Map<Topic, String> missing = new TreeMap<>();
        names.forEach((topic, name) -> {
            if (!existing.contains(name)) {
                missing.put(topic, name);
            }
        });
        if (!missing.isEmpty()) {
            throw new TopicException((missing.size() == 1 ? "there is no topic " : "there are no topics ")
                    + missing.values().stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "))
                    + " at " + bootstrapServers + "; create with: " + Launcher.command()
                    + " topics create --bootstrap-servers "
                    + bootstrapServers
                    + missing.entrySet().stream()
                            .filter(entry -> !entry.getKey().id().equals(entry.getValue()))
                            .map(entry -> " --name " + entry.getKey() + "=" + entry.getValue())
                            .collect(Collectors.joining()));
        }
    }

    /**
     * Describes the topics of the cluster.
     *
     * @return one entry a topic, also of those that do not exist, in the order of {@link Topic}
     * @throws TopicException if the cluster does not answer
     */
    public List<TopicStatus> describe(Map<Topic, String> names) {
        Set<String> existing = existing(names.values());
        Map<String, TopicDescription> descriptions =
                get(admin.describeTopics(existing).allTopicNames());
        Map<ConfigResource, Config> configs = get(admin.describeConfigs(existing.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList())
                .all());
        List<TopicStatus> statuses = new ArrayList<>();
        new TreeMap<>(names).forEach((topic, name) -> {
            TopicDescription description = descriptions.get(name);
            if (description == null) {
                statuses.add(new TopicStatus(topic, name, 0, 0, "", Map.of()));
            } else {
                statuses.add(new TopicStatus(
                        topic,
                        name,
                        description.partitions().size(),
                        description.partitions().get(0).replicas().size(),
                        configs.get(new ConfigResource(ConfigResource.Type.TOPIC, name))
                                .get(TopicConfig.CLEANUP_POLICY_CONFIG)
                                .value(),
                        records(description)));
            }
        });
        return statuses;
    }

    /**
     * Extent of a topic, and how far a group has read it.
     *
     * @throws TopicException if there is no such topic, or the cluster does not answer
     */
    public StreamPosition position(String topic, String group) {
        TopicDescription description =
                get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
        List<TopicPartition> partitions = partitions(description);
        SortedMap<Integer, Long> committed = new TreeMap<>();
        get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((partition, offset) -> {
                    if (partition.topic().equals(topic) && offset != null) {
                        committed.put(partition.partition(), offset.offset());
                    }
                });
        return new StreamPosition(
                topic,
                description.topicId().toString(),
                byPartition(offsets(partitions, OffsetSpec.earliest())),
                byPartition(offsets(partitions, OffsetSpec.latest())),
                committed);
    }

    /**
     * Sets how far a group has read a topic. The group must have no members.
     *
     * @param offsets by partition, of the next record to be read
     * @throws TopicException if the cluster refuses or does not answer
     */
    public void commit(String topic, String group, Map<Integer, Long> offsets) {
        Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
        offsets.forEach(
                (partition, offset) -> all.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset)));
        get(admin.alterConsumerGroupOffsets(group, all).all());
    }

    /**
     * The members that a consumer group has now, each as its client's id and host.
     *
     * @return empty also if there is no such group, or it may not be looked at
     * @throws TopicException if the cluster does not answer
     */
    public List<String> members(String group) {
        try {
            return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().stream()
                    .map(member -> member.clientId() + " at " + member.host().replace("/", ""))
                    .sorted()
                    .toList();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return List.of();
            }
            if (e.getCause() instanceof GroupAuthorizationException) {
                LOG.warn(
                        "Cannot tell whether another learner runs: {}",
                        e.getCause().getMessage());
                return List.of();
            }
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Largest record that a topic takes, in bytes.
     *
     * @return empty if the cluster does not tell
     */
    public OptionalLong maxMessageBytes(String name) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try {
            return OptionalLong.of(
                    Long.parseLong(get(admin.describeConfigs(List.of(resource)).all())
                            .get(resource)
                            .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                            .value()));
        } catch (TopicException | UnknownTopicOrPartitionException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private Map<Integer, Long> records(TopicDescription description) {
        List<TopicPartition> partitions = partitions(description);
        Map<TopicPartition, ListOffsetsResultInfo> starts = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(partitions, OffsetSpec.latest());
        return partitions.stream()
                .collect(Collectors.toMap(
                        TopicPartition::partition,
                        partition -> ends.get(partition).offset()
                                - starts.get(partition).offset()));
    }

    private static List<TopicPartition> partitions(TopicDescription description) {
        return description.partitions().stream()
                .map(info -> new TopicPartition(description.name(), info.partition()))
                .toList();
    }

    private static SortedMap<Integer, Long> byPartition(Map<TopicPartition, ListOffsetsResultInfo> offsets) {
        SortedMap<Integer, Long> byPartition = new TreeMap<>();
        offsets.forEach((partition, offset) -> byPartition.put(partition.partition(), offset.offset()));
        return byPartition;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> offsets(List<TopicPartition> partitions, OffsetSpec which) {
        return get(admin.listOffsets(partitions.stream().collect(Collectors.toMap(partition -> partition, p -> which)))
                .all());
    }

    private Set<String> existing(Collection<String> names) {
        Set<String> existing = new TreeSet<>(get(admin.listTopics().names()));
        existing.retainAll(names);
        return existing;
    }

    /** A topic that was just created may be unknown to the broker that is asked next, and its users would fail. */
    private void awaitLeaders(Collection<String> names) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!allLed(names)) {
            if (System.nanoTime() > deadline) {
                throw new TopicException("topics were created at " + bootstrapServers + ", but after "
                        + PATIENCE.toSeconds() + " s not all of their partitions have a leader: " + names);
            }
            pause();
        }
    }

    private boolean allLed(Collection<String> names) {
        try {
            return get(admin.describeTopics(names).allTopicNames()).values().stream()
                    .flatMap(description -> description.partitions().stream())
                    .allMatch(partition ->
                            partition.leader() != null && !partition.leader().isEmpty());
        } catch (UnknownTopicOrPartitionException notYet) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException exists) {
                throw exists;
            }
            if (e.getCause() instanceof UnknownTopicOrPartitionException unknown) {
                throw unknown;
            }
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private TopicException failure(ExecutionException e) {
        return e.getCause() instanceof TimeoutException
                ? new TopicException("no answer from Kafka at '" + bootstrapServers + "': is it running there?", e)
                : new TopicException(
                        "Kafka at " + bootstrapServers + ": " + e.getCause().getMessage(), e);
    }

    private static TopicException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new TopicException("interrupted", e);
    }
}
