package io.contrastream.jobs.kafka;

import io.contrastream.jobs.option.ImageSettings;
import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Setting;
import io.contrastream.topics.Topic;
import io.contrastream.topics.format.Format;
import io.contrastream.topics.format.RegistryOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Makes the description of the connection to Kafka out of option values. */
public final class KafkaMapping {

    /** Largest size of a record for a rejected image beside its payload: key, headers, texts. */
    public static final int REJECTION_OVERHEAD_BYTES = 128 << 10;

    /** How much longer than the checkpoint interval a transaction must be able to stay open. */
    static final Duration TRANSACTION_MARGIN = Duration.ofMinutes(1);

    private static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;

    /** Properties that the job sets itself, and the option to use instead. */
    private static final Map<String, String> RESERVED = new TreeMap<>(Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            KafkaSettings.BOOTSTRAP_SERVERS.key(),
            ConsumerConfig.GROUP_ID_CONFIG,
            KafkaSettings.GROUP_ID.key(),
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            KafkaSettings.TRANSACTION_TIMEOUT.key(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            JobSettings.NAME.key(),
            KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
            KafkaSettings.PARTITION_DISCOVERY_INTERVAL.key(),
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            JobSettings.CHECKPOINT_INTERVAL.key(),
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            "",
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
            "",
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            "",
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ""));

    private final OptionValues values;
    private final Map<Topic, Setting<String>> topics;

    /** @param topics what says how each topic of the job is called */
    public KafkaMapping(OptionValues values, Map<Topic, Setting<String>> topics) {
        this.values = values;
        this.topics = topics;
    }

    /** Notes what is wrong with options that only together are, and addresses that lead nowhere. */
    public void check() {
        checkAddresses();
        checkProperties();
        checkTopics();
        checkFormats();
        checkTransactions();
        checkRecordSize();
    }

    /** Once {@link OptionValues#throwIfInvalid} has passed. */
    public KafkaOptions options() {
        Map<Topic, String> names = new HashMap<>();
        topics.forEach((topic, setting) -> names.put(topic, values.get(setting)));
        return new KafkaOptions(
                values.get(KafkaSettings.BOOTSTRAP_SERVERS).replaceAll("\\s", ""),
                values.get(KafkaSettings.GROUP_ID),
                values.withPrefix(KafkaSettings.PROPERTIES_PREFIX),
                names,
                formats(),
                values.get(KafkaSettings.DELIVERY_GUARANTEE),
                values.get(KafkaSettings.TRANSACTION_TIMEOUT),
                values.get(KafkaSettings.PARTITION_DISCOVERY_INTERVAL));
    }

    /** One address that resolves is enough, as for Kafka's clients: a broker that is down may have no name. */
    private void checkAddresses() {
        values.requireSet(KafkaSettings.BOOTSTRAP_SERVERS);
        values.find(KafkaSettings.BOOTSTRAP_SERVERS).ifPresent(servers -> {
            List<String> addresses =
                    Arrays.stream(servers.split(",", -1)).map(String::strip).toList();
            values.require(
                    () -> addresses.stream().allMatch(address -> port(address) >= 1 && port(address) <= 65535),
                    () -> KafkaSettings.BOOTSTRAP_SERVERS.key() + " is '" + servers
                            + "', but ports must be from 1 to 65535",
                    KafkaSettings.BOOTSTRAP_SERVERS);
            values.require(
                    () -> addresses.stream().anyMatch(address -> resolves(host(address))),
                    () -> KafkaSettings.BOOTSTRAP_SERVERS.key() + " is '" + servers
                            + "', but must have a host that resolves to an address, and none of these does",
                    KafkaSettings.BOOTSTRAP_SERVERS);
        });
    }

    private void checkProperties() {
        Map<String, String> properties = values.withPrefix(KafkaSettings.PROPERTIES_PREFIX);
        RESERVED.forEach((property, instead) -> {
            if (properties.containsKey(property)) {
                values.problem(KafkaSettings.PROPERTIES_PREFIX + property + " is set, but the job sets it itself"
                        + (instead.isEmpty() ? "" : ": use " + instead));
            }
        });
    }

    private void checkTopics() {
        Map<String, Setting<String>> byName = new HashMap<>();
        new TreeMap<>(topics)
                .values()
                .forEach(setting -> values.find(setting).ifPresent(name -> {
                    Setting<String> other = byName.putIfAbsent(name, setting);
                    if (other != null) {
                        values.problem(
                                setting.key() + " is '" + name + "', but must be another topic than " + other.key(),
                                setting);
                    }
                }));
    }

    private Map<Topic, Format> formats() {
        Map<Topic, Format> formats = new EnumMap<>(Topic.class);
        topics.keySet()
                .forEach(topic -> formats.put(
                        topic,
                        values.find(KafkaSettings.format(topic)).orElseGet(() -> values.get(KafkaSettings.FORMAT))));
        return formats;
    }

    /** Checks a registry's properties wherever there is one, also where no topic needs them. */
    private void checkFormats() {
        Map<String, String> properties = values.withPrefix(KafkaSettings.PROPERTIES_PREFIX);
        if (properties.keySet().stream().noneMatch(RegistryOptions::concerns)
                && (values.find(KafkaSettings.FORMAT).isEmpty() || !formats().containsValue(Format.CONFLUENT))) {
            return;
        }
        try {
            RegistryOptions.of(properties);
        } catch (IllegalArgumentException e) {
            values.problem(KafkaSettings.PROPERTIES_PREFIX + e.getMessage());
        }
    }

    private void checkTransactions() {
        values.require(
                () -> values.get(KafkaSettings.DELIVERY_GUARANTEE) != DeliveryGuarantee.EXACTLY_ONCE
                        || values.get(KafkaSettings.TRANSACTION_TIMEOUT)
                                        .compareTo(values.get(JobSettings.CHECKPOINT_INTERVAL)
                                                .plus(TRANSACTION_MARGIN))
                                >= 0,
                () -> KafkaSettings.TRANSACTION_TIMEOUT.key() + " is "
                        + values.written(KafkaSettings.TRANSACTION_TIMEOUT)
                        + ", but for exactly-once must be at least 1 min more than "
                        + JobSettings.CHECKPOINT_INTERVAL.key() + ", which is "
                        + values.written(JobSettings.CHECKPOINT_INTERVAL)
                        + ": a transaction that ends before its checkpoint loses what was written in it",
                KafkaSettings.TRANSACTION_TIMEOUT,
                JobSettings.CHECKPOINT_INTERVAL,
                KafkaSettings.DELIVERY_GUARANTEE);
    }

    /** A producer that meets a record larger than a request fails the job, so there must not be one. */
    private void checkRecordSize() {
        String property = ProducerConfig.MAX_REQUEST_SIZE_CONFIG;
        String written = values.withPrefix(KafkaSettings.PROPERTIES_PREFIX)
                .getOrDefault(property, Integer.toString(DEFAULT_MAX_REQUEST_BYTES));
        Predicate<String> wholeNumber = text -> text.matches("\\d{1,9}");
        if (!wholeNumber.test(written)) {
            values.problem(KafkaSettings.PROPERTIES_PREFIX + property + " is '" + written
                    + "', but must be a whole number of bytes below 1000000000");
            return;
        }
        int limit = Integer.parseInt(written);
        values.require(
                () -> values.get(ImageSettings.REJECTED_PAYLOAD_SIZE).getBytes() + REJECTION_OVERHEAD_BYTES <= limit,
                () -> ImageSettings.REJECTED_PAYLOAD_SIZE.key() + " is "
                        + values.written(ImageSettings.REJECTED_PAYLOAD_SIZE) + ", but must leave 128 kb of "
                        + KafkaSettings.PROPERTIES_PREFIX + property + ", which is " + limit
                        + " bytes, for what surrounds it",
                ImageSettings.REJECTED_PAYLOAD_SIZE);
    }

    private static boolean resolves(String host) {
        try {
            InetAddress.getAllByName(host);
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String host(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
