package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.TopicReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A learner and an embedding job with exactly-once output, each on a TaskManager of its own, while images and queries flow. The learner is
 * asked for releases and told to go back, and is killed amid each; when it is to go back, the embedding job is killed too.
 */
@Timeout(600)
final class ReleaseKillITCase {

    private static final String MODEL = "encoder";
    private static final String IMAGES = "images";
    private static final int IMAGES_PER_SECOND = 16;
    private static final int QUERIES_PER_SECOND = 20;
    /** So long that no two micro-batches are embedded in the same millisecond. */
    private static final Duration BATCH_DELAY = Duration.ofMillis(60);

    private final Path logs = Path.of("target/release-kill-logs").toAbsolutePath();

    @TempDir
    private Path folder;

    private KafkaProcess kafka;
    private FlinkCluster cluster;
    private LearningRun run;
    private String learner;
    private int taskManagers;

    @BeforeEach
    void start() throws Exception {
        LoggedErrors.forget(logs);
        cluster = new FlinkCluster(logs, "dl4j", "heartbeat.interval=1s", "taskmanager.numberOfTaskSlots=1");
        cluster.startJobManager();
        startTaskManager();
        kafka = new KafkaProcess(folder, logs, Map.of());
        kafka.create(TopicLayout.all(1, TopicLayout.CLUSTER_DEFAULT));
        run = LearningRun.create(
                "learner",
                kafka,
                IMAGES,
                1,
                folder,
                Map.of(
                        "kafka.delivery-guarantee",
                        "exactly-once",
                        "release.directory",
                        directory(),
                        "release.every-steps",
                        "1000000",
                        "release.max-accuracy-loss",
                        "1"));
        cluster.awaitReady();
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
        if (kafka != null) {
            kafka.close();
        }
        assertThat(LoggedErrors.unexplained(logs)).isEmpty();
    }

    @Test
    void whatALearnerIsAskedForIsDoneOnceWhateverIsKilledAmidIt() throws Exception {
        List<Embedding> published;
        int sent;
        EncoderRelease first;
        EncoderRelease second;
        EncoderRelease third;
        try (Feed feed = new Feed(kafka.bootstrapServers(), IMAGES, Feed.synthetic());
                QueryFlow queries = new QueryFlow(kafka.bootstrapServers(), Topic.IMAGE_QUERIES.id(), 1);
                QueryAnswers answers = QueryAnswers.committed(kafka.bootstrapServers(), Topic.EMBEDDINGS.id())) {
            feed.flow(IMAGES_PER_SECOND);
            learner = cluster.submit(run.checkpoints(), run.arguments());
            startTaskManager();

            first = requestedAndKilled(Set.of(), "its files are written, and it is no release yet", version -> {
                Path release = release(version);
                return Files.exists(release.resolve(Release.PROTOTYPES))
                        && !Files.exists(release.resolve(Release.MANIFEST));
            });
            String embedding = submitEmbedding();
            queries.at(QUERIES_PER_SECOND);
            answers.awaitVersion(first.getEncoderVersion(), Instant.EPOCH);

            second = requestedAndKilled(
                    Set.of(first.getEncoderVersion()),
                    "it is a release, and not announced for good yet",
                    version -> Files.exists(release(version).resolve(Release.MANIFEST)));
            answers.awaitVersion(second.getEncoderVersion(), Instant.EPOCH);

            answers.awaitVersion(first.getEncoderVersion(), goneBackAndKilled(first, embedding));

            new ReleaseRequests(directory(), MODEL).askForRelease(Instant.now());
            third = announced(5).get(4);
            answers.awaitVersion(third.getEncoderVersion(), Instant.EPOCH);
            sent = queries.finish();
            published = answers.await(sent);
        }
        QueryAnswers.requireEachOnce(published, sent);
        QueryAnswers.requireMadeBy(List.of(first, second, third), published);
        long back = first.getEncoderVersion();
        QueryAnswers.requireTurns(published, 1, back, second.getEncoderVersion(), back, third.getEncoderVersion());
        requireReleases(List.of(first, second, third));
        // By the command, and by the learner when it had gone back.
        assertThat(announced(5))
                .extracting(EncoderRelease::getEncoderVersion, EncoderRelease::getSha256)
                .containsExactlyElementsOf(Stream.of(first, second, first, first, third)
                        .map(one -> tuple(one.getEncoderVersion(), one.getSha256()))
                        .toList());
        assertThat(Release.open(third.getUri()).manifest().parent()).hasValue(back);
    }

    /** Asks for a release by the command, and kills the learner at a moment of a version that was not there before. */
    private EncoderRelease requestedAndKilled(Set<Long> before, String what, Moment moment) throws Exception {
        try (ChildProcess command = Script.start(logs, "contrastream", "releases", "request", directory())) {
            await(
                    what,
                    () -> versions().stream()
                            .filter(version -> !before.contains(version))
                            .anyMatch(moment::isNow));
            kill(learner, "learn");
            assertThat(command.exitCode(Await.PATIENCE)).as(command.output()).isZero();
            List<EncoderRelease> announced = announced(before.size() + 1);
            EncoderRelease newest = announced.get(before.size());
            assertThat(command.output()).contains("released: " + newest.getUri());
            return newest;
        }
    }

    /**
     * Tells the learner and those who embed to go back, and kills both when the learner has taken over the weights and no checkpoint has
     * them.
     *
     * @return time after which whatever is published has been embedded after that
     */
    private Instant goneBackAndKilled(EncoderRelease release, String embedding) throws Exception {
        try (ChildProcess command = Script.start(
                logs,
                "contrastream",
                "releases",
                "rollback",
                "--learner",
                "--bootstrap-servers",
                kafka.bootstrapServers(),
                "--topic",
                run.topic(Topic.ENCODER_RELEASES),
                release.getUri())) {
            await("the learner goes on from the release", () -> logged("' goes on from " + release.getUri()));
            kill(learner, "learn");
            Instant killed = Instant.now();
            kill(embedding, "embed");
            assertThat(command.exitCode(Await.PATIENCE)).as(command.output()).isZero();
            assertThat(command.output())
                    .containsPattern("gone back: version \\d+ has the weights of " + release.getUri());
            return killed;
        }
    }

    private void kill(String job, String task) throws Exception {
        cluster.killTaskManager(cluster.rest().taskManagerOf(job, task));
        startTaskManager();
    }

    private void startTaskManager() throws IOException {
        cluster.startTaskManager("worker-" + taskManagers++);
    }

    private String directory() {
        return folder.resolve("releases").toUri().toString().replaceFirst("/$", "");
    }

    private Path release(long version) {
        return folder.resolve("releases").resolve(MODEL).resolve(Long.toString(version));
    }

    private List<Long> versions() throws IOException {
        return new ReleaseDirectory(directory()).versions(MODEL);
    }

    /** Whether a TaskManager has logged a text. */
    private boolean logged(String text) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs, "taskmanager-*.log")) {
            for (Path file : files) {
                if (Files.readString(file).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Waits for what holds for some milliseconds only. */
    private static void await(String what, Await.Condition condition) throws Exception {
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain until " + what);
            }
            Thread.sleep(1);
        }
    }

    /** Releases that are announced for good, when there are so many. */
    private List<EncoderRelease> announced(int count) throws Exception {
        List<EncoderRelease> announced = new ArrayList<>();
        try (TopicReader reader =
                new TopicReader(kafka.bootstrapServers(), Map.of(), List.of(run.topic(Topic.ENCODER_RELEASES)), true)) {
            Await.until(count + " announcements", () -> {
                read(reader, announced);
                return announced.size() >= count;
            });
            // One that comes twice comes with the next checkpoint.
            Map<TopicPartition, Long> ends = reader.ends();
            while (!reader.reached(ends)) {
                read(reader, announced);
            }
        }
        return announced;
    }

    private static void read(TopicReader reader, List<EncoderRelease> announced) throws WireFormatException {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
            announced.add(SingleObject.decode(record.value(), EncoderRelease.class));
        }
    }

    /** These are all that there are, and whole. */
    private void requireReleases(List<EncoderRelease> announced) throws IOException {
        List<Release> there = new ReleaseDirectory(directory()).releases(MODEL);
        assertThat(there)
                .extracting(Release::uri, Release::sha256)
                .containsExactlyElementsOf(announced.stream()
                        .map(one -> tuple(one.getUri(), one.getSha256()))
                        .toList());
        for (Release release : there) {
            release.verify();
        }
    }

    private String submitEmbedding() throws Exception {
        return FlinkCluster.submitted(Script.run(
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
                "--kafka.topic.encoder-releases=" + run.topic(Topic.ENCODER_RELEASES),
                "--kafka.delivery-guarantee=exactly-once",
                "--job.checkpoint-directory=" + folder.resolve("embedding").toUri(),
                "--job.checkpoint-interval=1 s",
                "--embedding.batch-delay=" + BATCH_DELAY.toMillis() + " ms"));
    }

    /** Something that holds of a version for a while. */
    private interface Moment {
        boolean isNow(long version);
    }
}
