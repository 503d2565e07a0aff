package io.contrastream.jobs.kafka;

import java.time.Duration;
import java.util.List;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long brokers let a transaction stay open. */
final class TransactionLimit {

    /** Kafka's own default. */
    static final Duration USUAL = Duration.ofMinutes(15);

    private static final Logger LOG = LoggerFactory.getLogger(TransactionLimit.class);
    private static final String SETTING = "transaction.max.timeout.ms";
    private static final int PATIENCE_SECONDS = 15;

    private TransactionLimit() {}

    /** The limit of one of the brokers, or Kafka's default if it may not be asked for. */
    static Duration of(KafkaOptions options) {
        Properties properties = options.clientProperties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        try (Admin admin = Admin.create(properties)) {
            Node broker = admin.describeCluster()
                    .nodes()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .iterator()
                    .next();
            ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
            ConfigEntry limit = admin.describeConfigs(List.of(resource))
                    .values()
                    .get(resource)
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .get(SETTING);
            return limit == null || limit.value() == null ? USUAL : Duration.ofMillis(Long.parseLong(limit.value()));
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            LOG.warn("Cannot read the brokers' {}, taken to be {}: {}", SETTING, USUAL, e.getMessage());
            return USUAL;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }
}
