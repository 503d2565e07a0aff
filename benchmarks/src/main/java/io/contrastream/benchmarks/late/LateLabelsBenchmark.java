package io.contrastream.benchmarks.late;

import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.cli.local.LocalCluster;
import io.contrastream.cli.local.LocalRun;
import io.contrastream.cli.local.TemporaryFolder;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.jobs.learning.state.StartInstruction;
import io.contrastream.operators.decode.OffsetsRead;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Has the learning job read images whose labels never come, from a broker in this process into RocksDB, and takes checkpoints of it: one of
 * all of them, and one of the images that have come since.
 *
 * @param images that wait
 * @param side of an image, whose pixels are random bytes: nothing makes them smaller
 * @param instances of the join
 * @param managedBytes of memory for RocksDB
 */
record LateLabelsBenchmark(int images, int side, int instances, long managedBytes) {

    /** One image of so many comes after the first checkpoint. */
    private static final int PARTS = 100;

    private static final Duration POLL = Duration.ofMillis(200);
    /** Longer than anything should take between two signs of life, and still an end. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * A checkpoint.
     *
     * @param seconds from its trigger to its completion
     * @param bytes of the state
     * @param writtenBytes of the state that were not in a checkpoint before
     */
    record Taken(double seconds, long bytes, long writtenBytes) {}

    /**
     * The measurements.
     *
     * @param imagesPerSecond from the topic into the state
     * @param imageBytes value of a record
     * @param first of all images
     * @param first of all images, which writes everything
     * @param incremental with a hundredth more
     */
    record Figures(double imagesPerSecond, int imageBytes, Taken first, Taken incremental) {}

    /** @param say is told what is done */
    Figures run(Consumer<String> say) throws Exception {
        try (TemporaryFolder folder = TemporaryFolder.create("contrastream-bench-late-labels-");
                EmbeddedBroker broker = EmbeddedBroker.start();
                LocalRun run = LocalRun.create("contrastream-bench-late-labels")) {
            String servers = broker.bootstrapServers();
            Set<Topic> needed = EnumSet.allOf(Topic.class);
            needed.remove(Topic.LABELLED_IMAGES);
            try (Topics topics = new Topics(servers, Map.of())) {
                topics.create(new TopicLayout(TopicLayout.usualNames(needed), instances, TopicLayout.CLUSTER_DEFAULT));
            }
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", servers, "linger.ms", "20", "batch.size", "262144"),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                say.accept("Sending " + images + " images");
                int bytes = send(producer, 0, images);
                JobClient job = LearningJob.submit(
                        run.environment(flink()), options(servers, folder.path()), StartInstruction.NONE, said -> {});
                say.accept("Reading them");
                double seconds = awaitRead(job, images);
                say.accept("Taking a checkpoint of all");
                Taken first = checkpoint(run, job);
                int more = Math.max(1, images / PARTS);
                send(producer, images, more);
                awaitRead(job, images + more);
                say.accept("Taking one with " + more + " more");
                Taken incremental = checkpoint(run, job);
                job.cancel().get();
                return new Figures(images / seconds, bytes, first, incremental);
            }
        }
    }

    private Configuration flink() {
        Configuration flink = LocalCluster.settings();
        flink.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, new MemorySize(managedBytes));
        return flink;
    }

    private JobOptions options(String servers, Path folder) {
        return JobOptions.parse(
                "--kafka.bootstrap-servers=" + servers,
                "--kafka.topic.images=" + Topic.IMAGES.id(),
                "--kafka.topic.labels=" + Topic.LABELS.id(),
                "--late-labels.time-to-live=30 d",
                "--job.checkpoint-directory=" + folder.resolve("checkpoints").toUri(),
                // Those that are measured are triggered.
                "--job.checkpoint-interval=24 d",
                "--job.parallelism=" + instances,
                "--image.width=" + side,
                "--image.height=" + side,
                "--encoder.architecture=resnet18-slim",
                "--encoder.width=2");
    }

    /** Returns the size of a record's value. */
    private int send(KafkaProducer<byte[], byte[]> producer, int first, int count) {
        byte[] pixels = new byte[3 * side * side];
        int bytes = 0;
        for (int number = first; number < first + count; number++) {
            new SplittableRandom(number).nextBytes(pixels);
            byte[] id = ("image-" + number).getBytes(StandardCharsets.UTF_8);
            ImageQuery image = ImageQuery.newBuilder()
                    .setId("image-" + number)
                    .setImage(ByteBuffer.wrap(pixels))
                    .setEncoding(ImageEncoding.RAW_PLANAR_RGB8)
                    .setWidth(side)
                    .setHeight(side)
                    .setEventTime(Instant.now())
                    .build();
            byte[] value = SingleObject.encode(image);
            bytes = value.length;
            Future<RecordMetadata> unused =
                    producer.send(new ProducerRecord<>(Topic.IMAGES.id(), number % instances, id, value));
        }
        producer.flush();
        return bytes;
    }

    /** Returns how many seconds passed between the first record and the last. */
    private static double awaitRead(JobClient job, long records) throws InterruptedException, ExecutionException {
        long begun = 0;
        long before = -1;
        long heard = System.nanoTime();
        while (true) {
            JobStatus status = job.getJobStatus().get();
            long read = status == JobStatus.RUNNING
                    ? OffsetsRead.of(job.getAccumulators().get()).values().stream()
                            .mapToLong(Long::longValue)
                            .sum()
                    : 0;
            long now = System.nanoTime();
            begun = read == 0 || begun == 0 ? now : begun;
            if (read >= records) {
                return (now - begun) / 1e9;
            }
            heard = read > before ? now : heard;
            before = read;
            if (status.isGloballyTerminalState() || now - heard > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "only " + read + " of " + records + " images were read, and the job is " + status);
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private static Taken checkpoint(LocalRun run, JobClient job) throws InterruptedException, ExecutionException {
        long id = run.checkpoint(job.getJobID(), CheckpointType.INCREMENTAL);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            AbstractCheckpointStats stats = run.state(job.getJobID())
                    .getCheckpointStatsSnapshot()
                    .getHistory()
                    .getCheckpointById(id);
            if (stats != null && stats.getStatus() == CheckpointStatsStatus.COMPLETED) {
                return new Taken(stats.getEndToEndDuration() / 1e3, stats.getStateSize(), stats.getCheckpointedSize());
            }
            Thread.sleep(POLL.toMillis());
        }
        throw new IllegalStateException("the checkpoint " + id + " is not complete");
    }
}
