package io.contrastream.cli.produce;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageStream;
import io.contrastream.datasets.SourceImage;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.ClientProperties;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
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
    private final RecordFormat format;
    private final Clock clock;
    private final SentAs sentAs;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();

    /**
     * Connects to a cluster, for records in Avro's single-object encoding.
     *
     * @throws ImageSourceException if no address resolves or a property is refused
     */
    public ImageSender(
            String bootstrapServers, Map<String, String> properties, String topic, Clock clock, SentAs sentAs) {
        this(bootstrapServers, properties, topic, SingleObject.format(), clock, sentAs);
    }

    /**
     * Connects to a cluster.
     *
     * @param properties more properties of Kafka's client; those of other clients are ignored
     * @param topic that exists
     * @param format of its records
     * @param clock of event times
     * @param sentAs the type of the records
     * @throws ImageSourceException if no address resolves or a property is refused
     */
    public ImageSender(
            String bootstrapServers,
            Map<String, String> properties,
            String topic,
            RecordFormat format,
            Clock clock,
            SentAs sentAs) {
        Map<String, Object> all = new HashMap<>();
        all.put(ProducerConfig.LINGER_MS_CONFIG, "20");
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(LARGEST_REQUEST_BYTES));
        all.putAll(ClientProperties.of(properties, ProducerConfig.configNames()));
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        this.topic = topic;
        this.format = format;
        this.clock = clock;
        this.sentAs = sentAs;
        try {
            this.producer = new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new ImageSourceException(
                    "cannot connect to Kafka at '" + bootstrapServers + "': " + reason.getMessage(), e);
        }
    }

    /**
     * An image that was not sent.
     *
     * @param id its identity
     * @param cause who refused it
     * @param message what is wrong with it
     */
    public record Refused(String id, Cause cause, String message) {

        /** Who refuses an image. */
        public enum Cause {
            /** The job would have rejected it as it is. */
            JOB,
            /** The job would have rejected it for its labels; how many they may be, its options say. */
            LABELS,
            /** The job would have rejected it for its size or the pixels that it declares, for which there are options. */
            LIMIT,
            /** It is too large for the topic or for a request. */
            KAFKA
        }
    }

    /**
     * Sends all images, and returns when Kafka has acknowledged every one. Those that are too large, and those that the job would
     * reject before it decodes a pixel, are left out, and are {@link #refused}.
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
                if (isSmallEnough(stream, position)) {
                    Map<String, String> attributes =
                            Map.of("source", source, "stage", Integer.toString(stream.stage(position)));
                    SourceImage image = stream.image(position);
                    record(image, attributes).ifPresent(record -> send(image, record));
                }
            }
            producer.flush();
        } catch (InterruptException e) {
            // Kafka's own has set the flag again, which an InterruptedException must not.
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException("sending was interrupted").initCause(e);
            }
            throw e;
        }
        requireHealthy();
    }

    /**
     * Sends an image, and does not wait until Kafka has acknowledged it.
     *
     * @param attributes of the record
     * @throws ImageSourceException if an image before it was refused by Kafka for another reason than its size
     */
    public void send(SourceImage image, Map<String, String> attributes) {
        requireHealthy();
        record(image, attributes).ifPresent(record -> send(image, record));
    }

    private void requireHealthy() {
        if (failure.get() != null) {
            throw new ImageSourceException(
                    "Kafka refused an image for '" + topic + "': "
                            + failure.get().getMessage(),
                    failure.get());
        }
    }

    /** Before the image is read: it may be of any size. */
    private boolean isSmallEnough(ImageStream stream, int position) {
        if (stream.sizeBytes(position) == ImageSource.UNKNOWN_SIZE) {
            return true;
        }
        try {
            sentAs.checkSize(stream.sizeBytes(position));
            return true;
        } catch (Rejection rejection) {
            refuse(stream.id(position), rejection);
            return false;
        }
    }

    private Optional<SpecificRecord> record(SourceImage image, Map<String, String> attributes) {
        try {
            return Optional.of(sentAs.record(image, clock.instant(), attributes));
        } catch (Rejection rejection) {
            refuse(image.id(), rejection);
            return Optional.empty();
        }
    }

    private void refuse(String id, Rejection rejection) {
        Refused.Cause cause = switch (rejection.reason()) {
            case IMAGE_TOO_LARGE, TOO_MANY_PIXELS -> Refused.Cause.LIMIT;
            case INVALID_LABEL -> Refused.Cause.LABELS;
            default -> Refused.Cause.JOB;
        };
        refused.add(new Refused(id, cause, rejection.reason() + ": " + rejection.getMessage()));
    }

    private void send(SourceImage image, SpecificRecord record) {
        byte[] key = image.id().getBytes(StandardCharsets.UTF_8);
        byte[] value = format.encode(record);
        int bytes = image.bytes().length;
        Callback callback = (metadata, exception) -> {
            if (exception == null) {
                acknowledged.incrementAndGet();
            } else if (exception instanceof RecordTooLargeException) {
                refused.add(new Refused(
                        image.id(),
                        Refused.Cause.KAFKA,
                        "too large to be sent, " + bytes + " bytes: " + exception.getMessage()));
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

    /** Images that were not sent so far, in the order in which they were refused. Any thread may ask. */
    public List<Refused> refused() {
        return List.copyOf(refused);
    }

    /** Gives up what was not acknowledged. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
