package io.contrastream.reliability;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Images on their way to a topic, each once and in their order even if the broker dies meanwhile. Thread-safe.
 */
final class Feed implements AutoCloseable {

    private static final int CLASSES = 100;
    private static final int IMAGES = 100_000;
    private static final int SEED = 1;

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final IntFunction<LabelledImage> images;
    private final List<Future<RecordMetadata>> unconfirmed = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private Future<?> ticks = CompletableFuture.completedFuture(null);

    /** @param images the n-th image, from 0 */
    Feed(String bootstrapServers, String topic, IntFunction<LabelledImage> images) {
        this.topic = topic;
        this.images = images;
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ProducerConfig.LINGER_MS_CONFIG, "20",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Generated images. */
    static IntFunction<LabelledImage> synthetic() {
        ImageStream stream = ImageStream.of(ImageSource.open("synthetic", SEED), CLASSES, IMAGES, SEED);
        return n -> stream.image(n).record(Instant.EPOCH.plusSeconds(n), Map.of());
    }

    /** Goes on sending so many images a second on its own, until {@link #finish}. */
    void flow(int imagesPerSecond) {
        ticks = clock.scheduleAtFixedRate(() -> send(1), 0, 1_000_000 / imagesPerSecond, TimeUnit.MICROSECONDS);
    }

    /**
     * Sends no more than what makes the number of all images a multiple of the given one, and waits until the broker has them.
     *
     * @return ids of all images, in the order of the topic
     */
    List<String> finish(int multiple) throws ExecutionException, InterruptedException {
        ticks.cancel(false);
        clock.shutdown();
        if (!clock.awaitTermination(2, TimeUnit.MINUTES)) {
            throw new AssertionError("an image cannot be sent");
        }
        if (!ticks.isCancelled()) {
            ticks.get();
        }
        send(Math.floorMod(-ids.size(), multiple));
        return confirmed();
    }

    /** Sends so many more images without waiting for the broker. */
    synchronized void send(int count) {
        for (int i = 0; i < count; i++) {
            LabelledImage image = images.apply(ids.size());
            unconfirmed.add(producer.send(new ProducerRecord<>(
                    topic, image.getId().getBytes(StandardCharsets.UTF_8), SingleObject.encode(image))));
            ids.add(image.getId());
        }
    }

    /** Images sent so far, whether or not the broker has them. */
    synchronized int sent() {
        return ids.size();
    }

    /** Waits until the broker has all images, and tells their ids in the order of the topic. */
    synchronized List<String> confirmed() throws ExecutionException, InterruptedException {
        for (Future<RecordMetadata> record : unconfirmed) {
            record.get();
        }
        unconfirmed.clear();
        return List.copyOf(ids);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        producer.close();
    }
}
