package io.contrastream.benchmarks.embedding;

import io.contrastream.benchmarks.encoder.Timings;
import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.cli.local.LocalCluster;
import io.contrastream.cli.local.LocalRun;
import io.contrastream.cli.local.TemporaryFolder;
import io.contrastream.jobs.embedding.EmbeddingJob;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Times the embedding job on a broker in this process: first with more queries waiting than it can answer meanwhile, then with queries that
 * come at half the rate that it has shown.
 *
 * @param spec network of the release, with random weights
 * @param runtime what it is compared with, and is set up as
 * @param batchDelay longest that an image waits for its micro-batch
 * @param time of each of the three measurements, about; of warming up before the second and the third at least that
 */
record EmbeddingBenchmark(EncoderSpec spec, BareRuntime runtime, Duration batchDelay, Duration time) {

    private static final int CLASSES = 100;
    private static final int IMAGES = 200;
    /** For queries that wait. */
    private static final Duration LONG_POLL = Duration.ofMillis(100);
    /** For queries that come. */
    private static final Duration POLL = Duration.ofMillis(2);
    /** Of the queries that bare ONNX Runtime would answer: so many more wait than are answered, for every instance to have some to the end. */
    private static final double SURPLUS = 1.3;
    /** Longer than anything should take, and still an end. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /**
     * The measurements, in images a second.
     *
     * @param perSecond images from topic to topic
     * @param barePerSecond images of bare ONNX Runtime
     * @param latency from the query's producer to the embedding's consumer, at half of that rate
     */
    record Figures(double perSecond, double barePerSecond, Timings latency) {}

    Figures run() throws Exception {
        try (TemporaryFolder folder = TemporaryFolder.create("contrastream-bench-embedding-");
                EmbeddedBroker broker = EmbeddedBroker.start();
                LocalRun run = LocalRun.create("contrastream-bench-embedding")) {
            String servers = broker.bootstrapServers();
            try (Topics topics = new Topics(servers, Map.of())) {
                topics.create(TopicLayout.all(runtime.instances(), TopicLayout.CLUSTER_DEFAULT));
            }
            EncoderRelease release = RandomRelease.write(folder.path().resolve("releases"), spec, CLASSES);
            Announcement.send(servers, Map.of(), Topic.ENCODER_RELEASES.id(), release);
            double bare = runtime.imagesPerSecond(BareRuntime.network(release.getUri()), spec.input(), time);
            QueryImages images = new QueryImages(spec.input(), IMAGES);
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                            Map.of("bootstrap.servers", servers, "linger.ms", "0", "max.request.size", "4194304"),
                            new ByteArraySerializer(),
                            new ByteArraySerializer());
                    TopicReader reader = new TopicReader(servers, Map.of(), List.of(Topic.EMBEDDINGS.id()), true)) {
                int ahead = Math.max(
                        4 * runtime.instances() * runtime.batch(), (int) (SURPLUS * bare * time.toMillis() / 1000));
                Backlog backlog = new Backlog(producer, images, reader);
                backlog.send(ahead);
                JobClient job = EmbeddingJob.submit(
                        run.environment(LocalCluster.settings()), options(servers, folder), said -> {});
                backlog.warmUp(ahead);
                double perSecond = backlog.perSecond();
                backlog.drain();
                // What waited is garbage now: its collection would fall into the next measurement, and takes a core for
                // a third of a second.
                System.gc();
                Timings latency = latency(producer, images, reader, perSecond / 2, backlog.sent);
                job.cancel().get();
                return new Figures(perSecond, bare, latency);
            }
        }
    }

    private EmbeddingOptions options(String servers, TemporaryFolder folder) {
        return EmbeddingOptions.parse(
                "--kafka.bootstrap-servers=" + servers,
                "--job.checkpoint-directory="
                        + folder.path().resolve("checkpoints").toUri(),
                "--job.checkpoint-interval=10 s",
                "--job.parallelism=" + runtime.instances(),
                "--embedding.threads=" + runtime.threads(),
                "--embedding.batch-size=" + runtime.batch(),
                "--embedding.batch-delay=" + batchDelay.toMillis() + " ms");
    }

    /** Queries that wait, and their answers. */
    private final class Backlog {

        private final KafkaProducer<byte[], byte[]> producer;
        private final QueryImages images;
        private final TopicReader reader;
        private final long deadline = System.nanoTime() + PATIENCE.toNanos() + 8 * time.toNanos();
        private int sent;
        private int read;

        Backlog(KafkaProducer<byte[], byte[]> producer, QueryImages images, TopicReader reader) {
            this.producer = producer;
            this.images = images;
            this.reader = reader;
        }

        private void send(int queries) {
            for (int i = 0; i < queries; i++) {
                EmbeddingBenchmark.send(producer, images, sent++);
            }
            producer.flush();
        }

        private void read() {
            require(deadline, read, sent);
            read += reader.poll(LONG_POLL).size();
        }

        /** Until Java has compiled what is hot; then so many queries wait. */
        void warmUp(int ahead) {
            while (read == 0) {
                read();
            }
            Warmup warmup = new Warmup(time);
            while (!warmup.isOver()) {
                read();
                if (sent - read < ahead) {
                    send(ahead / 4);
                }
            }
            send(Math.max(0, ahead - (sent - read)));
        }

        double perSecond() {
            read();
            long begin = System.nanoTime();
            int first = read;
            while (System.nanoTime() - begin < time.toNanos()) {
                read();
            }
            return (read - first) * 1e9 / (System.nanoTime() - begin);
        }

        void drain() {
            while (read < sent) {
                read();
            }
        }
    }

    /**
     * Over the given time, once Java has compiled what is hot at such a rate too. The clock is one, so that of the embedding's consumer can be
     * compared with the query's event time.
     */
    private Timings latency(
            KafkaProducer<byte[], byte[]> producer,
            QueryImages images,
            TopicReader reader,
            double perSecond,
            int number)
            throws WireFormatException {
        int count = Math.max(100, (int) (perSecond * time.toMillis() / 1000));
        Warmup warmup = new Warmup(time);
        Instant warmSince = Instant.MAX;
        long start = System.nanoTime();
        long deadline = start + PATIENCE.toNanos() + 8 * time.toNanos();
        List<Long> nanos = new ArrayList<>();
        int sent = 0;
        while (nanos.size() < count) {
            require(deadline, nanos.size(), count);
            if (warmSince.equals(Instant.MAX) && warmup.isOver()) {
                warmSince = Instant.now();
            }
            long due = (long) ((System.nanoTime() - start) / 1e9 * perSecond);
            while (sent < due) {
                send(producer, images, number + sent++);
            }
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                Embedding embedding = SingleObject.decode(record.value(), Embedding.class);
                Instant asked = embedding.getEventTime();
                if (asked.isAfter(warmSince)) {
                    nanos.add((System.currentTimeMillis() - asked.toEpochMilli()) * 1_000_000);
                }
            }
        }
        return Timings.of(nanos);
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, QueryImages images, int number) {
        // Without a key they go to the partitions in turn, in stretches; by their numbers, evenly.
        Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(
                Topic.IMAGE_QUERIES.id(),
                number % producer.partitionsFor(Topic.IMAGE_QUERIES.id()).size(),
                null,
                SingleObject.encode(images.query(number))));
    }

    private static void require(long deadline, int read, int all) {
        if (System.nanoTime() > deadline) {
            throw new IllegalStateException("only " + read + " of " + all + " queries have been answered in time");
        }
    }
}
