package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.Embedding;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same job once more on a cluster: by {@code submit.sh} and {@code stop.sh}, by Flink's own commands, by the job's entry point in
 * a session's JobManager, and as an application. A start goes on from the newest state, or is refused.
 */
@Timeout(900)
final class SubmittedAgainITCase {

    private static final int BATCH = LearningRun.BATCH;
    private static final Path LOGS = Path.of("target/submitted-again-logs").toAbsolutePath();
    private static final Map<String, String> EXACTLY_ONCE = Map.of("kafka.delivery-guarantee", "exactly-once");
    /** So that there is none. */
    private static final Map<String, String> NO_CHECKPOINT = Map.of("job.checkpoint-interval", "1 d");

    @TempDir
    private static Path folder;

    private static KafkaProcess kafka;
    private static FlinkCluster cluster;
    private static String jar;

    @BeforeAll
    static void start() throws Exception {
        cluster = new FlinkCluster(LOGS, "torch", "heartbeat.interval=1s");
        cluster.startTaskManager("one");
        cluster.startJobManager();
        kafka = new KafkaProcess(folder, LOGS, Map.of());
    }

    /** A test may end with the JobManager gone. */
    @BeforeEach
    void openSession() throws Exception {
        session();
    }

    private static void session() throws Exception {
        if (!cluster.jobManager().isAlive()) {
            cluster.startJobManager();
        }
        cluster.awaitReady();
        jar = cluster.rest().upload(Folder.JOB_JAR);
    }

    /** Of a test that has failed. */
    @AfterEach
    void cancel() throws Exception {
        if (cluster.jobManager().isAlive()) {
            for (JsonNode job : cluster.rest().get("jobs").get("jobs")) {
                if (job.get("status").asText().equals("RUNNING")) {
                    cluster.rest().cancel(job.get("id").asText());
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void aJobIsFoundByItsNameStoppedIntoAnyFolderAndSubmittedAgain() throws Exception {
        LearningRun run = LearningRun.create("named", kafka, "named-images", 1, folder, EXACTLY_ONCE);
        LearningRun beside = LearningRun.create("beside", kafka, "named-images", 1, folder, NO_CHECKPOINT);
        Path elsewhere = folder.resolve("elsewhere");
        try (Feed feed = new Feed(kafka.bootstrapServers(), "named-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run);
                Embeddings others = Embeddings.committed(kafka.bootstrapServers(), beside)) {
            feed.send(2 * BATCH);
            String job = FlinkCluster.submitted(submit(0, run));
            embeddings.awaitLearned(2 * BATCH);
            assertThat(submit(0, run)).contains("The job named runs already: " + job);
            assertThat(submit(1, run, "--fresh")).contains("the job named runs already", "bin/stop.sh");
            assertThat(flink(1, run)).contains("flink: the job named runs already at localhost:" + cluster.restPort());
            // Though a job of the default name, and one of another, would be there.
            assertThat(FlinkCluster.submitted(submit(0, beside))).isNotEqualTo(job);
            refusesOneOfTheSameNameInAnotherProcess();

            String savepoint = stop(run, "--savepoint-directory", elsewhere.toString());
            assertThat(Path.of(URI.create(savepoint)).getParent()).isEqualTo(elsewhere);
            feed.send(BATCH);
            assertThat(submit(0, run)).contains("Going on from " + savepoint + ": encoder version 2");
            embeddings.awaitLearned(3 * BATCH);

            run.awaitCheckpoint(3);
            others.awaitLearned(3 * BATCH);
            cluster.killJobManager();
            session();
            feed.send(BATCH);
            assertThat(submit(0, run)).containsPattern("Going on from \\S+/chk-\\d+: encoder version 3");
            embeddings.awaitLearned(4 * BATCH);

            String newest = stop(run, "--savepoint-directory", elsewhere.toString());
            assertThat(submit(1, wider(run))).contains("encoder.width is 4 in the state, but 6 in the options");
            assertThat(run.checkpointsCommand(LOGS, "list"))
                    .as("an orphaned checkpoint")
                    .startsWith("newest      " + newest)
                    .contains("older ", "/chk-");
            requireLearnedOnce(feed, embeddings);
        }
    }

    /** It has topics of its own, but would abort the transactions of the other one. */
    private static void refusesOneOfTheSameNameInAnotherProcess() throws Exception {
        LearningRun namesake = LearningRun.create("namesake", kafka, "named-images", 1, folder, EXACTLY_ONCE)
                .with(Map.of("job.name", "named"));
        List<String> arguments = new ArrayList<>(List.of("learn"));
        arguments.addAll(namesake.allArguments());
        try (ChildProcess learn =
                Script.start(LOGS.resolve("namesake"), "contrastream", arguments.toArray(String[]::new))) {
            assertThat(learn.exitCode(Await.PATIENCE)).as(learn.output()).isEqualTo(1);
            assertThat(learn.output()).contains("another learner is at work", "'contrastream-transactions-of-named'");
        }
    }

    @Test
    void aSavepointThatFlinksOwnCommandLeavesElsewhereIsNotForgotten() throws Exception {
        LearningRun run = LearningRun.create("stray", kafka, "stray-images", 1, folder, EXACTLY_ONCE);
        Path elsewhere = folder.resolve("stray-savepoints");
        try (Feed feed = new Feed(kafka.bootstrapServers(), "stray-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(BATCH);
            String job = enter(run);
            embeddings.awaitLearned(BATCH);
            String first = stoppedByFlink(job, elsewhere);
            Await.until("the checkpoints are gone", () -> run.newestCheckpoint().isEmpty());
            assertThatThrownBy(() -> enter(run))
                    .hasMessageContaining("no state of the job 'stray' was found in ")
                    .hasMessageContaining("the topic 'stray-embeddings' has records of encoder version 1")
                    .hasMessageContaining("--savepoint PATH");
            assertThatThrownBy(() -> enter(run, "--fresh")).hasMessageContaining("--fresh --replace-model");

            job = cluster.rest().run(jar, first, run.allArguments());
            feed.send(BATCH);
            embeddings.awaitLearned(2 * BATCH);
            cluster.rest().cancel(job);
            requireLearnedOnce(feed, embeddings);
        }
    }

    @Test
    void anApplicationGoesOnFromTheNewestStateWheneverItsProcessIsStartedAgain() throws Exception {
        LearningRun run = LearningRun.create("application", kafka, "application-images", 1, folder, EXACTLY_ONCE);
        try (Feed feed = new Feed(kafka.bootstrapServers(), "application-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            cluster.jobManager().close();
            feed.send(BATCH);
            startApplication(run);
            embeddings.awaitLearned(BATCH);
            run.awaitCheckpoint(1);
            cluster.killJobManager();
            feed.send(BATCH);
            startApplication(run);
            embeddings.awaitLearned(2 * BATCH);
            assertThat(cluster.jobManager().output())
                    .containsPattern("Job application: Going on from \\S+/chk-\\d+: encoder version 1");
            requireLearnedOnce(feed, embeddings);
            cluster.killJobManager();
            startApplication(wider(run));
            assertThat(cluster.jobManager().exitCode(Await.PATIENCE)).isNotZero();
            assertThat(cluster.jobManager().output()).contains("encoder.width is 4 in the state, but 6 in the options");
        }
    }

    private static void startApplication(LearningRun run) throws IOException {
        cluster.startApplication(
                ApplicationProcess.class.getName(),
                Path.of("target/test-classes").toAbsolutePath(),
                run.allArguments());
    }

    private static void requireLearnedOnce(Feed feed, Embeddings embeddings) throws Exception {
        assertThat(embeddings.read().learned().map(Embedding::getId))
                .as("every image learned once")
                .containsExactlyInAnyOrderElementsOf(feed.confirmed());
        embeddings
                .partitions()
                .values()
                .forEach(partition -> assertThat(partition)
                        .extracting(Embedding::getEncoderVersion)
                        .isSorted());
    }

    private static LearningRun wider(LearningRun run) {
        return run.with(Map.of("encoder.width", "6"));
    }

    /** By the job's own entry point, in the JobManager. */
    private static String enter(LearningRun run, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(run.allArguments());
        arguments.addAll(List.of(more));
        return cluster.rest().run(jar, "", arguments);
    }

    private static String flink(int status, LearningRun run) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("run", "--detached", "-m", "localhost:" + cluster.restPort(), Folder.JOB_JAR.toString()));
        arguments.addAll(run.allArguments());
        return Script.run(status, Await.PATIENCE, LOGS, "flink", arguments.toArray(String[]::new));
    }

    /** Of which nothing of ours knows. */
    private static String stoppedByFlink(String job, Path directory) throws Exception {
        return cluster.rest().stopWithSavepoint(job, directory);
    }

    private static String submit(int status, LearningRun run, String... more) throws Exception {
        return cluster.run(status, "submit.sh", run.checkpoints(), arguments(run, more));
    }

    /** Returns the savepoint. */
    private static String stop(LearningRun run, String... more) throws Exception {
        return LearningRun.savepointIn(cluster.run(0, "stop.sh", run.checkpoints(), arguments(run, more)));
    }

    /** With its options in a file, where they have to be looked for. */
    private static List<String> arguments(LearningRun run, String... more) throws IOException {
        Path file = folder.resolve(run.name() + "-" + run.settings().hashCode() + ".yaml");
        List<String> lines = new ArrayList<>();
        run.settings().forEach((key, value) -> lines.add(key + ": '" + value + "'"));
        Files.write(file, lines);
        List<String> arguments = new ArrayList<>(List.of("--config", file.toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }
}
