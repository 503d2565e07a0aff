package io.contrastream.jobs.kafka;

import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Topic;
import io.contrastream.topics.format.Format;
import io.contrastream.topics.format.RegistryOptions;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The connection to Kafka. Not checked here: that is done where options are read.
 *
 * @param bootstrapServers {@code host:port,…}
 * @param groupId consumer group
 * @param properties of Kafka's clients; may hold secrets, which {@link #toString} does not show
 * @param topics what each topic of the job is called
 * @param formats of these topics' records
 * @param deliveryGuarantee of the output topics
 * @param transactionTimeout of exactly-once output
 * @param partitionDiscoveryInterval time between two looks for new partitions
 */
public record KafkaOptions(
        String bootstrapServers,
        String groupId,
        Map<String, String> properties,
        Map<Topic, String> topics,
        Map<Topic, Format> formats,
        DeliveryGuarantee deliveryGuarantee,
        Duration transactionTimeout,
        Duration partitionDiscoveryInterval)
        implements Serializable {

    /** Properties that may be shown: those that Kafka knows and does not treat as passwords itself. */
    private static final Set<String> NOT_SECRET = Stream.of(
                    ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef())
            .flatMap(definition -> definition.configKeys().values().stream())
            .filter(key -> key.type != ConfigDef.Type.PASSWORD)
            .map(key -> key.name)
            .collect(Collectors.toUnmodifiableSet());

    public KafkaOptions {
        properties = Map.copyOf(properties);
        topics = Map.copyOf(topics);
        formats = Map.copyOf(formats);
    }

    /** The properties that every client of Kafka gets, as Kafka wants them: without those of a schema registry. */
    public Properties clientProperties() {
        Properties all = new Properties();
        all.putAll(properties);
        all.keySet().removeIf(property -> RegistryOptions.concerns((String) property));
        return all;
    }

    /** Name of the topic. */
    public String topic(Topic topic) {
        return topics.get(topic);
    }

    /** The format of the topic's records. It is new, and knows nothing yet of what others must tell it. */
    public RecordFormat format(Topic topic) {
        return formats.get(topic).on(topic, topic(topic), properties);
    }

    /** The topic that a learner's images come from: {@link Topic#IMAGES} where their labels come by themselves. */
    public Topic images() {
        return topics.containsKey(Topic.IMAGES) ? Topic.IMAGES : Topic.LABELLED_IMAGES;
    }

    /** The same for a job that makes no use of a topic. */
    public KafkaOptions without(Topic topic) {
        Map<Topic, String> others = new HashMap<>(topics);
        others.remove(topic);
        return new KafkaOptions(
                bootstrapServers,
                groupId,
                properties,
                others,
                formats,
                deliveryGuarantee,
                transactionTimeout,
                partitionDiscoveryInterval);
    }

    /** An address may have a user and a password in it. */
    private static boolean isShown(String property, String value) {
        return NOT_SECRET.contains(property) || (property.equals(RegistryOptions.URL) && !value.contains("@"));
    }

    /** Everything but secrets. */
    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>(properties);
        shown.replaceAll((key, value) -> isShown(key, value) ? value : "(hidden)");
        return "KafkaOptions[bootstrapServers=" + bootstrapServers + ", groupId=" + groupId + ", properties=" + shown
                + ", topics=" + new TreeMap<>(topics) + ", formats=" + new TreeMap<>(formats) + ", deliveryGuarantee="
                + deliveryGuarantee
                + ", transactionTimeout=" + transactionTimeout + ", partitionDiscoveryInterval="
                + partitionDiscoveryInterval + "]";
    }
}
