package io.contrastream.dashboard;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.ColouredImages;
import io.contrastream.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes what jobs would write of a stream, with embeddings that are known: image i of class c is near the c-th axis of the space. */
final class SampleStream implements AutoCloseable {

    static final int DIMENSION = 16;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<Topic, String> topics;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private Instant now = Instant.now();

    SampleStream(String bootstrapServers, Map<Topic, String> topics) {
        this.topics = topics;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer());
    }

    void send(Topic topic, String key, SpecificRecord value) {
        sent.add(producer.send(new ProducerRecord<>(
                topics.get(topic),
                key.getBytes(StandardCharsets.UTF_8),
                value == null ? null : SingleObject.encode(value))));
    }

    /** Returns when the broker has everything. */
    void flush() {
        producer.flush();
        for (Future<RecordMetadata> future : sent) {
            try {
                future.get();
            } catch (ExecutionException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        sent.clear();
    }

    void image(String id, String label, int kind, long seed) {
        send(
                Topic.LABELLED_IMAGES,
                id,
                LabelledImage.newBuilder()
                        .setId(id)
                        .setLabel(label)
                        .setImage(ByteBuffer.wrap(ColouredImages.png(kind % ColouredImages.CLASSES, new Random(seed))))
                        .setEncoding(ImageEncoding.PNG)
                        .setEventTime(now)
                        .build());
    }

    /** A unit vector near an axis, turned a little by {@code turn} towards the next one. */
    static float[] vector(int axis, long seed, double noise, double turn) {
        Random random = new Random(seed);
        double[] vector = new double[DIMENSION];
        double length = 0;
        for (int k = 0; k < DIMENSION; k++) {
            vector[k] = noise * random.nextGaussian();
        }
        vector[axis % DIMENSION] += Math.cos(turn);
        vector[(axis + 1) % DIMENSION] += Math.sin(turn);
        for (double value : vector) {
            length += value * value;
        }
        float[] unit = new float[DIMENSION];
        for (int k = 0; k < DIMENSION; k++) {
            unit[k] = (float) (vector[k] / Math.sqrt(length));
        }
        return unit;
    }

    void embedding(String id, String label, String nearest, float[] vector, long version, EmbeddingOrigin origin) {
        send(
                Topic.EMBEDDINGS,
                id,
                Embedding.newBuilder()
                        .setId(id)
                        .setLabel(label)
                        .setNearestLabel(nearest)
                        .setNearestSimilarity(nearest == null ? null : 0.9f)
                        .setVector(list(vector))
                        .setEncoderVersion(version)
                        .setEventTime(now)
                        .setEmbeddedAt(now)
                        .setOrigin(origin)
                        .build());
    }

    void prototype(String label, float[] vector, int support, long version) {
        send(
                Topic.PROTOTYPES,
                label,
                ClassPrototype.newBuilder()
                        .setLabel(label)
                        .setVector(list(vector))
                        .setSupport(support)
                        .setDispersion(0.8f)
                        .setEncoderVersion(version)
                        .setUpdatedAt(now)
                        .build());
    }

    void report(long images, long version, int classes, double window, Double overlap) {
        now = now.plusSeconds(1);
        send(
                Topic.LEARNING_REPORTS,
                "sample",
                LearningReport.newBuilder()
                        .setModel("sample")
                        .setEncoderVersion(version)
                        .setLoss(4f / (1 + images / 100f))
                        .setImagesSeen(images)
                        .setPrequentialAccuracy(window * 0.9)
                        .setWindowAccuracy(window)
                        .setWindowSize(50)
                        .setReplaySize((int) Math.min(images, 500))
                        .setReplayCapacity(500)
                        .setClasses(classes)
                        .setImagesPerSecond(42)
                        .setSkippedSteps(0)
                        .setReportedAt(now)
                        .setShiftCosine(overlap)
                        .setShiftNeighbourOverlap(overlap)
                        .build());
    }

    void release(long version, double heldOutAccuracy) {
        send(
                Topic.ENCODER_RELEASES,
                "sample",
                EncoderRelease.newBuilder()
                        .setModel("sample")
                        .setEncoderVersion(version)
                        .setUri("file:///releases/sample/" + version)
                        .setSha256("0".repeat(64))
                        .setMetrics(Map.of("heldOutAccuracy", heldOutAccuracy))
                        .setReleasedAt(now)
                        .build());
    }

    void rejected(String reason, String message, byte[] payload) {
        send(
                Topic.REJECTED_IMAGES,
                "bad",
                RejectedRecord.newBuilder()
                        .setReason(reason)
                        .setMessage(message)
                        .setTopic(topics.get(Topic.LABELLED_IMAGES))
                        .setPartition(0)
                        .setOffset(17)
                        .setTimestamp(now)
                        .setPayload(ByteBuffer.wrap(payload))
                        .setPayloadSize(payload.length)
                        .setRejectedAt(now)
                        .build());
    }

    private static List<Float> list(float[] values) {
        List<Float> list = new ArrayList<>();
        for (float value : values) {
            list.add(value);
        }
        return list;
    }

    @Override
    public void close() {
        producer.close();
    }
}
