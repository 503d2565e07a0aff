package io.contrastream.testing;

import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real broker with what tests do to it. */
public final class TestKafka implements AutoCloseable {

    /** Large enough for records of 20 MB. */
    private static final String MOST_BYTES = Integer.toString(32 << 20);

    private static final String MAX_MESSAGE_BYTES = "max.message.bytes";

    private final EmbeddedBroker broker;
    private final KafkaProducer<byte[], byte[]> producer;

    private TestKafka(EmbeddedBroker broker) {
        this.broker = broker;
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "max.request.size", MOST_BYTES,
                        "buffer.memory", Integer.toString(64 << 20)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    public static TestKafka start() {
        return new TestKafka(EmbeddedBroker.start(Map.of("message.max.bytes", MOST_BYTES)));
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Creates topics of one partition for a test's own use, named after it. */
    public Map<Topic, String> createTopics(String test) {
        Map<Topic, String> names = new HashMap<>();
        for (Topic topic : Topic.values()) {
            names.put(topic, test + "-" + topic.id());
        }
        try (Topics topics = new Topics(bootstrapServers(), Map.of())) {
            topics.create(new TopicLayout(names, 1, TopicLayout.CLUSTER_DEFAULT));
        }
        return names;
    }

    /** Lets a topic take batches of at most so many bytes, and returns when the broker knows: it hears it from the controller. */
    public void limitRecords(String topic, int bytes) throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        String limit = Integer.toString(bytes);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            AlterConfigOp set = new AlterConfigOp(new ConfigEntry(MAX_MESSAGE_BYTES, limit), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
            Await.until(
                    topic + " takes at most " + bytes + " bytes",
                    () -> maxMessageBytes(admin, resource).equals(limit),
                    () -> maxMessageBytes(admin, resource));
        }
    }

    private static String maxMessageBytes(Admin admin, ConfigResource topic) {
        try {
            return admin.describeConfigs(List.of(topic))
                    .all()
                    .get()
                    .get(topic)
                    .get(MAX_MESSAGE_BYTES)
                    .value();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends images in their order and returns when the broker has them. */
    public void send(String topic, List<LabelledImage> images) throws ExecutionException, InterruptedException {
        for (LabelledImage image : images) {
            send(new ProducerRecord<>(
                    topic, image.getId().getBytes(StandardCharsets.UTF_8), SingleObject.encode(image)));
        }
    }

    /** Sends a record and returns when the broker has it. */
    public RecordMetadata send(ProducerRecord<byte[], byte[]> record) throws ExecutionException, InterruptedException {
        return producer.send(record).get();
    }

    /** Reads a topic from its start; only what is committed. */
    public <T extends SpecificRecord> ReadTopic<T> read(String topic, Class<T> type) {
        return read(topic, type, SingleObject.format());
    }

    /** The same for a topic whose records are in a format. */
    public <T extends SpecificRecord> ReadTopic<T> read(String topic, Class<T> type, RecordFormat format) {
        return new ReadTopic<>(bootstrapServers(), topic, type, format);
    }

    @Override
    public void close() {
        producer.close();
        broker.close();
    }
}
