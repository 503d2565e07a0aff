package io.contrastream.jobs.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Limits of a cluster, as far as one may ask it: where settings may not be read, Kafka's defaults are taken to hold. */
final class ClusterLimits implements AutoCloseable {

    static final Duration USUAL_TRANSACTION = Duration.ofMinutes(15);
    static final long USUAL_RECORD_BYTES = 1_048_588;

    private static final Logger LOG = LoggerFactory.getLogger(ClusterLimits.class);
    private static final String TRANSACTION_SETTING = "transaction.max.timeout.ms";
    private static final int PATIENCE_SECONDS = 15;

    private final Admin admin;

    ClusterLimits(KafkaOptions options) {
        Properties properties = options.clientProperties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        admin = Admin.create(properties);
    }

    /** How long a transaction may stay open. */
    Duration transaction() {
        OptionalLong millis = broker().map(
                        id -> setting(new ConfigResource(ConfigResource.Type.BROKER, id), TRANSACTION_SETTING))
                .orElseGet(OptionalLong::empty);
        return millis.isEmpty() ? USUAL_TRANSACTION : Duration.ofMillis(millis.getAsLong());
    }

    /** How large a batch of records may be that is written to the topic. */
    long recordBytes(String topic) {
        return setting(new ConfigResource(ConfigResource.Type.TOPIC, topic), TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                .orElse(USUAL_RECORD_BYTES);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private Optional<String> broker() {
        try {
            return admin.describeCluster().nodes().get(PATIENCE_SECONDS, TimeUnit.SECONDS).stream()
                    .map(Node::idString)
                    .findFirst();
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            LOG.warn("Cannot ask which brokers there are: {}", e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private OptionalLong setting(ConfigResource of, String name) {
        try {
            ConfigEntry entry = admin.describeConfigs(List.of(of))
                    .values()
                    .get(of)
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .get(name);
            return entry == null || entry.value() == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(entry.value()));
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            LOG.warn("Cannot read {} of {}, taken to be Kafka's default: {}", name, of, e.getMessage());
            return OptionalLong.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }
}
