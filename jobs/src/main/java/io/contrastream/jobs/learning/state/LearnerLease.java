package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.schemas.LearningReport;
import io.contrastream.topics.ClientProperties;
import io.contrastream.topics.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows to everybody at the Kafka cluster that a learner is at work, for as long as its task runs: as the member of a consumer
 * group that is named after the topic of prototypes, and with exactly-once output of another that is named after the job. A member
 * reads nothing and commits nothing. When its process has died, the
 * broker forgets it after {@link #SESSION}. Records pass unchanged.
 *
 * <p>It announces and does not exclude: the start of a learner looks at the group first. What fails here is logged and
 * fails no job.
 */
public final class LearnerLease extends RichMapFunction<LearningReport, LearningReport> {

    /** How long the broker believes in a member that it does not hear of: the shortest that brokers allow by default. */
    public static final Duration SESSION = Duration.ofSeconds(6);

    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(LearnerLease.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration FAREWELL = Duration.ofSeconds(3);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);

    private final String jobName;
    private final KafkaOptions kafka;

    private transient List<Holder> holders;

    /** @param jobName what the member is called */
    public LearnerLease(String jobName, KafkaOptions kafka) {
        this.jobName = jobName;
        this.kafka = kafka;
    }

    /**
     * The groups of which one learner at a time may be a member: that of whoever writes to the options' topics and, with exactly-once
     * output, that of whoever's transactions are named after the job, which another job of that name would abort.
     */
    public static List<String> groups(String jobName, KafkaOptions kafka) {
        String writer = "contrastream-writer-of-" + kafka.topic(Topic.PROTOTYPES);
        return kafka.deliveryGuarantee() == DeliveryGuarantee.EXACTLY_ONCE
                ? List.of(writer, "contrastream-transactions-of-" + jobName)
                : List.of(writer);
    }

    @Override
    public void open(OpenContext context) {
        holders = groups(jobName, kafka).stream()
                .map(group -> new Holder(kafka.topic(kafka.images()), properties(group)))
                .toList();
        holders.forEach(Holder::start);
    }

    @Override
    public LearningReport map(LearningReport report) {
        return report;
    }

    @Override
    public void close() {
        if (holders != null) {
            holders.forEach(Holder::end);
            holders = null;
        }
    }

    private Map<String, Object> properties(String group) {
        Map<String, Object> all = new HashMap<>(ClientProperties.of(kafka.properties(), ConsumerConfig.configNames()));
        all.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        all.put(ConsumerConfig.CLIENT_ID_CONFIG, jobName);
        all.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Math.toIntExact(SESSION.toMillis()));
        all.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.toIntExact(SESSION.toMillis() / 4));
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        return all;
    }

    /** The member, in a thread of its own. */
    private static final class Holder {

        private final String topic;
        private final Map<String, Object> properties;
        private final CountDownLatch ended = new CountDownLatch(1);
        private final Thread thread = new Thread(this::hold, "contrastream-learner-lease");
        private volatile KafkaConsumer<byte[], byte[]> consumer;

        Holder(String topic, Map<String, Object> properties) {
            this.topic = topic;
            this.properties = properties;
        }

        void start() {
            thread.setDaemon(true);
            thread.start();
        }

        void end() {
            ended.countDown();
            KafkaConsumer<byte[], byte[]> current = consumer;
            if (current != null) {
                current.wakeup();
            }
            try {
                thread.join(2 * FAREWELL.toMillis());
            } catch (InterruptedException e) {
                // It ends by itself.
                Thread.currentThread().interrupt();
            }
        }

        private void hold() {
            try {
                while (ended.getCount() > 0) {
                    try {
                        join();
                    } catch (WakeupException ending) {
                        // Asked to end.
                    } catch (KafkaException e) {
                        LOG.warn(
                                "Other learners cannot see that this one is at work, as it cannot be a member of the"
                                        + " consumer group {}: {}",
                                properties.get(ConsumerConfig.GROUP_ID_CONFIG),
                                e.getMessage());
                        ended.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void join() {
            KafkaConsumer<byte[], byte[]> member =
                    new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            consumer = member;
            try {
                member.subscribe(List.of(topic), new Idle(member));
                while (ended.getCount() > 0) {
                    member.poll(POLL);
                }
            } finally {
                consumer = null;
                member.close(CloseOptions.timeout(FAREWELL));
            }
        }
    }

    /** Keeps what is assigned from being fetched. */
    private record Idle(KafkaConsumer<byte[], byte[]> member) implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // There is nothing to give up.
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            member.pause(partitions);
        }
    }
}
