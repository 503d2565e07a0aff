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

    /** Label of an image that comes again. */
    static final String OTHER_LABEL = "something else";

    private static final int CLASSES = 100;
    private static final int IMAGES = 100_000;
    private static final int SEED = 1;

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final IntFunction<LabelledImage> images;
    private final List<Future<RecordMetadata>> unconfirmed = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();
    private final List<String> relabelled = new ArrayList<>();
    private final boolean takesBack;
    private int next;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private Future<?> ticks = CompletableFuture.completedFuture(null);

    /** @param images the n-th image, from 0 */
    Feed(String bootstrapServers, String topic, IntFunction<LabelledImage> images) {
        this(bootstrapServers, topic, images, false);
    }

    /**
     * Among the images may be orders to forget one, and images once more with another label. Between two of these are at least as
     * many images as a mini-batch has, so that they fall into different ones.
     *
     * @param images the n-th image, from 0
     * @param takesBack whether there are orders and other labels; the topic then must have one partition
     */
    Feed(String bootstrapServers, String topic, IntFunction<LabelledImage> images, boolean takesBack) {
        this.takesBack = takesBack;
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
     * @return ids of all images that are to be learned, in the order of the topic
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
        while (ids.size() % multiple > 0) {
            send(1);
        }
        return confirmed();
    }

    /** Sends so many more images without waiting for the broker. */
    synchronized void send(int count) {
        for (int i = 0; i < count; i++) {
            send(images.apply(next));
            if (takesBack) {
                takeBack(next);
            }
            next++;
        }
    }

    private void send(LabelledImage image) {
        send(image.getId(), SingleObject.encode(image));
        ids.add(image.getId());
    }

    private void send(String id, byte[] value) {
        unconfirmed.add(producer.send(new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), value)));
    }

    /** After the n-th image: of one that waits for its mini-batch to be full or has just been learned, or of one learned before. */
    private void takeBack(int n) {
        switch (n % 24) {
            case 4 -> {
                forget(n);
                if (ids.size() % LearningRun.BATCH > 0) {
                    ids.remove(ids.size() - 1); // it waits, and so is not learned
                }
            }
            case 12 -> {
                LabelledImage image = images.apply(n - 10);
                image.setLabel(OTHER_LABEL);
                send(image);
                relabelled.add(image.getId());
            }
            case 20 -> forget(n - 12);
            default -> {
                // Most are not taken back.
            }
        }
    }

    private void forget(int n) {
        String id = images.apply(n).getId();
        send(id, null);
        forgotten.add(id);
    }

    /** Ids of all images that have been taken back. */
    synchronized List<String> forgotten() {
        return List.copyOf(forgotten);
    }

    /** Ids of all images that have come again as {@link #OTHER_LABEL}. */
    synchronized List<String> relabelled() {
        return List.copyOf(relabelled);
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
