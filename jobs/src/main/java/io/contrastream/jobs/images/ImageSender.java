package io.contrastream.jobs.images;

import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageStream;
import io.contrastream.datasets.SourceImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.ClientProperties;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the images of a stream to a topic in their order, each once: the producer is idempotent. The key of a record is the
 * image's id, its event time is when it was sent; the attribute {@code source} names the data set, {@code stage} the stage of
 * the stream.
 */
public final class ImageSender implements AutoCloseable {

    /** No limit of speed. */
    public static final double UNLIMITED = 0;

    /** The largest request unless properties say otherwise. */
    public static final int LARGEST_REQUEST_BYTES = 32 << 20;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final Clock clock;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();

    /**
     * Connects to a cluster.
     *
     * @param properties more properties of Kafka's client; those of other clients are ignored
     * @param topic that exists
     * @param clock of event times
     * @throws ImageSourceException if no address resolves or a property is refused
     */
    public ImageSender(String bootstrapServers, Map<String, String> properties, String topic, Clock clock) {
        Map<String, Object> all = new HashMap<>();
        all.put(ProducerConfig.LINGER_MS_CONFIG, "20");
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(LARGEST_REQUEST_BYTES));
        all.putAll(ClientProperties.of(properties, ProducerConfig.configNames()));
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        this.topic = topic;
        this.clock = clock;
        try {
            this.producer = new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new ImageSourceException(
                    "cannot connect to Kafka at '" + bootstrapServers + "': " + reason.getMessage(), e);
        }
    }

    /**
     * An image that is too large for the topic or for a request.
     *
     * @param id its identity
     * @param bytes its encoded size
     * @param reason Kafka's
     */
    public record Refused(String id, int bytes, String reason) {}

    /**
     * Sends all images, and returns when Kafka has acknowledged every one; those that are too large are left out, and are {@link
     * #refused}.
     *
     * @param source name of the data set
     * @param perSecond most images in a second, above 0; or {@link #UNLIMITED}
     * @throws ImageSourceException if an image cannot be read or is refused by Kafka for another reason than its size
     * @throws InterruptedException if the thread is interrupted
     */
    public void send(String source, ImageStream stream, double perSecond) throws InterruptedException {
        long start = System.nanoTime();
        try {
            for (int position = 0; position < stream.size() && failure.get() == null; position++) {
                if (perSecond > 0) {
                    pauseUntil(start + (long) (position / perSecond * 1e9));
                }
                send(
                        stream.image(position),
                        Map.of("source", source, "stage", Integer.toString(stream.stage(position))));
            }
            producer.flush();
        } catch (InterruptException e) {
            // Kafka's own has set the flag again, which an InterruptedException must not.
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException("sending was interrupted").initCause(e);
            }
            throw e;
        }
        if (failure.get() != null) {
            throw new ImageSourceException(
                    "Kafka refused an image for '" + topic + "': "
                            + failure.get().getMessage(),
                    failure.get());
        }
    }

    private void send(SourceImage image, Map<String, String> attributes) {
        byte[] key = image.id().getBytes(StandardCharsets.UTF_8);
        byte[] value = SingleObject.encode(image.record(clock.instant(), attributes));
        Callback callback = (metadata, exception) -> {
            if (exception == null) {
                acknowledged.incrementAndGet();
            } else if (exception instanceof RecordTooLargeException) {
                refused.add(new Refused(image.id(), image.bytes().length, exception.getMessage()));
            } else {
                failure.compareAndSet(null, exception);
            }
        };
        // The callback has the outcome.
        var unused = producer.send(new ProducerRecord<>(topic, key, value), callback);
    }

    private static void pauseUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }

    /** Images that Kafka has acknowledged so far. Any thread may ask. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Images that were too large so far, in the order in which Kafka refused them. Any thread may ask. */
    public List<Refused> refused() {
        return List.copyOf(refused);
    }

    /** Gives up what was not acknowledged. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
