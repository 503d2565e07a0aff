package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.contrastream.releases.folder.Release;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import io.contrastream.testing.TestReleases;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.TopicReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The embedding job with exactly-once output, submitted with {@code flink run}, on two TaskManagers with a subtask each, while queries
 * flow: releases that cannot be used arrive, and a TaskManager is killed in the middle of a release and of a rollback.
 */
@Timeout(600)
final class EmbeddingKillITCase {

    private static final String MODEL = "encoder";
    private static final long FIRST = 10;
    private static final long SECOND = 20;
    /** Of queries; each is read and embedded by a subtask of its own. */
    private static final int PARTITIONS = 2;

    private static final int QUERIES_PER_SECOND = 30;

    /** So long that no two micro-batches of a subtask are embedded in the same millisecond. */
    private static final Duration BATCH_DELAY = Duration.ofMillis(60);

    private final Path logs = Path.of("target/embedding-kill-logs").toAbsolutePath();

    @TempDir
    private Path folder;

    private KafkaProcess kafka;
    private FlinkCluster cluster;
    private String job;
    private int taskManagers;

    @BeforeEach
    void start() throws Exception {
        LoggedErrors.forget(logs);
        cluster = new FlinkCluster(logs, "dl4j", "heartbeat.interval=1s", "taskmanager.numberOfTaskSlots=1");
        cluster.startJobManager();
        startTaskManager();
        startTaskManager();
        kafka = new KafkaProcess(folder, logs, Map.of());
        kafka.create(TopicLayout.all(PARTITIONS, TopicLayout.CLUSTER_DEFAULT));
        cluster.awaitReady();
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void noQueryIsLostAndNoVersionsAreMixedWhateverIsAnnouncedAndKilled() throws Exception {
        TestReleases releases = new TestReleases(folder.resolve("releases"));
        EncoderRelease first = releases.release(MODEL, FIRST);
        EncoderRelease second = releases.release(MODEL, SECOND);
        List<EncoderRelease> announced = new ArrayList<>();
        announce(first, announced);
        submit();
        List<Embedding> published;
        int sent;
        try (QueryFlow flow = new QueryFlow(kafka.bootstrapServers(), Topic.IMAGE_QUERIES.id(), PARTITIONS);
                QueryAnswers written = QueryAnswers.written(kafka.bootstrapServers(), Topic.EMBEDDINGS.id());
                QueryAnswers committed = QueryAnswers.committed(kafka.bootstrapServers(), Topic.EMBEDDINGS.id())) {
            flow.at(QUERIES_PER_SECOND);
            committed.awaitVersion(FIRST, Instant.EPOCH);
            announceWhatCannotBeUsed(releases, announced);

            announce(second, announced);
            written.awaitVersion(SECOND, Instant.EPOCH);
            committed.awaitVersion(SECOND, kill());

            announced.add(first);
            contrastream("releases", "rollback", "--bootstrap-servers", kafka.bootstrapServers(), first.getUri());
            committed.awaitVersion(FIRST, kill());

            sent = flow.finish();
            published = committed.await(sent);
        }
        QueryAnswers.requireEachOnce(published, sent);
        QueryAnswers.requireMadeBy(List.of(first, second), published);
        QueryAnswers.requireTurns(published, PARTITIONS, FIRST, SECOND, FIRST);
        assertThat(announcements())
                .extracting(EncoderRelease::getEncoderVersion, EncoderRelease::getUri, EncoderRelease::getSha256)
                .containsExactlyElementsOf(announced.stream()
                        .map(release -> tuple(release.getEncoderVersion(), release.getUri(), release.getSha256()))
                        .toList());
    }

    /** One after the other, as of several that are announced at once only the newest is looked at. */
    private void announceWhatCannotBeUsed(TestReleases releases, List<EncoderRelease> announced) throws Exception {
        EncoderRelease damaged = releases.release(MODEL, 31);
        Files.writeString(file(damaged, Release.NETWORK), "damaged");
        requireRefused(damaged, announced, "encoder.onnx has 7 bytes, but must have");

        EncoderRelease missing = releases.release(MODEL, 32);
        Files.delete(file(missing, Release.MANIFEST));
        requireRefused(missing, announced, "it is not a release, or an incomplete one: it has no manifest.json");

        EncoderRelease foreign = releases.release("another", 33);
        foreign.setModel(MODEL);
        requireRefused(foreign, announced, "it is version 33 of model 'another', but version 33 of model 'encoder'");

        EncoderRelease newer = releases.release(MODEL, 34);
        Path manifest = file(newer, Release.MANIFEST);
        Files.writeString(
                manifest, Files.readString(manifest).replaceFirst("\"formatVersion\" : \\d+", "\"formatVersion\" : 2"));
        requireRefused(newer, announced, "it has format version 2, but this program reads releases up to version 1");
    }

    private static Path file(EncoderRelease release, String name) {
        return Path.of(URI.create(release.getUri())).resolve(name);
    }

    private void requireRefused(EncoderRelease release, List<EncoderRelease> announced, String reason)
            throws Exception {
        announce(release, announced);
        Pattern refused = Pattern.compile("Version " + release.getEncoderVersion()
                + " of model 'encoder' is refused, and" + " version 10 serves on: .*" + Pattern.quote(reason));
        Await.until(
                "both subtasks refuse it: " + reason,
                () -> refused.matcher(logged("taskmanager")).results().count() == PARTITIONS);
    }

    private String logged(String process) throws IOException {
        StringBuilder all = new StringBuilder();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs, process + "-*.log")) {
            for (Path file : files) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    private void announce(EncoderRelease release, List<EncoderRelease> announced) throws InterruptedException {
        announced.add(release);
        Announcement.send(kafka.bootstrapServers(), Map.of(), Topic.ENCODER_RELEASES.id(), release);
    }

    private List<EncoderRelease> announcements() throws Exception {
        List<EncoderRelease> releases = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records(Topic.ENCODER_RELEASES)) {
            releases.add(SingleObject.decode(record.value(), EncoderRelease.class));
        }
        return releases;
    }

    private List<ConsumerRecord<byte[], byte[]>> records(Topic topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), Map.of(), List.of(topic.id()), true)) {
            Map<TopicPartition, Long> ends = reader.ends();
            while (!reader.reached(ends)) {
                records.addAll(reader.poll(Duration.ofMillis(100)));
            }
        }
        return records;
    }

    private void submit() throws Exception {
        String output = Script.run(
                Await.PATIENCE,
                logs,
                "flink",
                "run",
                "-d",
                "-m",
                "localhost:" + cluster.restPort(),
                "-c",
                "io.contrastream.jobs.embedding.EmbeddingJob",
                Folder.JOB_JAR.toString(),
                "--kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                "--kafka.delivery-guarantee=exactly-once",
                "--job.checkpoint-directory=" + folder.resolve("checkpoints").toUri(),
                "--job.checkpoint-interval=1 s",
                "--job.parallelism=" + PARTITIONS,
                "--embedding.batch-delay=" + BATCH_DELAY.toMillis() + " ms");
        assertThat(output).contains("Version 10 of model 'encoder' embeds until another one is announced");
        job = FlinkCluster.submitted(output);
    }

    /** Returns the time after which whatever is published has been embedded after the failure. */
    private Instant kill() throws Exception {
        cluster.killTaskManager(cluster.rest().taskManagerOf(job, "embed"));
        Instant killed = Instant.now();
        startTaskManager();
        return killed;
    }

    private void startTaskManager() throws IOException {
        cluster.startTaskManager("worker-" + taskManagers++);
    }

    private void contrastream(String... arguments) throws Exception {
        Script.run(Await.PATIENCE, logs, "contrastream", arguments);
    }
}
