package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.jobs.learning.UncheckedStart;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same job once more on a cluster: by {@code submit.sh} and {@code stop.sh}, by Flink's own commands, by the job's entry point in
 * a session's JobManager, and as an application. A start goes on from the newest state, or is refused.
 */
@Order(1) // It takes longest.
@Timeout(900)
final class SubmittedAgainITCase {

    private static final int BATCH = LearningRun.BATCH;
    private static final Path LOGS = Path.of("target/submitted-again-logs").toAbsolutePath();
    private static final Map<String, String> EXACTLY_ONCE = Map.of("kafka.delivery-guarantee", "exactly-once");
    /** So that there is none. */
    private static final Map<String, String> NO_CHECKPOINT = Map.of("job.checkpoint-interval", "1 d");

    private static final Pattern ORPHAN = Pattern.compile("older +(\\S+/chk-\\d+): ");

    @TempDir
    private static Path folder;

    private static KafkaProcess kafka;
    private static FlinkCluster cluster;
    private static String jar;

    @BeforeAll
    static void start() throws Exception {
        LoggedErrors.forget(LOGS);
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
            // One that registers with a JobManager in the moment of its end asks that one for five minutes.
            cluster.stopTaskManager("one");
            cluster.startTaskManager("one");
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
    static void stop() throws IOException {
        cluster.close();
        if (kafka != null) {
            kafka.close();
        }
        assertThat(LoggedErrors.unexplained(LOGS)).isEmpty();
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
            // Which waits for long before it is refused.
            try (ChildProcess namesake = namesake()) {
                assertThat(submit(0, run)).contains("The job named runs already: " + job);
                assertThat(submit(1, run, "--fresh")).contains("the job named runs already", "bin/stop.sh");
                assertThat(flink(1, run, List.of()))
                        .contains("flink: the job named runs already at localhost:" + cluster.restPort());
                // Though a job of the default name, and one of another, would be there.
                assertThat(FlinkCluster.submitted(submit(0, beside))).isNotEqualTo(job);
                assertThat(namesake.exitCode(Await.PATIENCE))
                        .as(namesake.output())
                        .isEqualTo(1);
                assertThat(namesake.output())
                        .contains("another learner is at work", "'contrastream-transactions-of-named'");
            }

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
            assertThat(submit(1, wider(run)))
                    .contains(newest + ": the stored state", "encoder.width is 4 in the state, but 6 in the options");
            String list = run.checkpointsCommand(LOGS, "list");
            assertThat(list).startsWith("newest      " + newest);
            Matcher orphan = ORPHAN.matcher(list);
            assertThat(orphan.find()).as("an orphaned checkpoint: " + list).isTrue();
            assertThatThrownBy(() -> enter(run, "--savepoint", orphan.group(1)))
                    .hasMessageContaining("the state " + orphan.group(1) + " holds encoder version ")
                    .hasMessageContaining("more has been learned: " + newest + " holds encoder version 4");
            requireLearnedOnce(feed, embeddings);
            repeatsAStartThatHasLeftNothingUntilASavepointHoldsMore(beside, feed, others);
        }
    }

    /** A job with topics of its own, which would abort the transactions of the other one. */
    private static ChildProcess namesake() throws IOException {
        LearningRun namesake = LearningRun.create("namesake", kafka, "named-images", 1, folder, EXACTLY_ONCE)
                .with(Map.of("job.name", "named"));
        List<String> arguments = new ArrayList<>(List.of("learn"));
        arguments.addAll(namesake.allArguments());
        return Script.start(LOGS.resolve("namesake"), "contrastream", arguments.toArray(String[]::new));
    }

    /**
     * With at-least-once, images were published by a job that was killed, and no checkpoint holds what was learned from them. What it
     * is stopped with later lies where nobody knows of it, and Kafka alone knows that it was.
     */
    private static void repeatsAStartThatHasLeftNothingUntilASavepointHoldsMore(
            LearningRun beside, Feed feed, Embeddings others) throws Exception {
        assertThatThrownBy(() -> enter(beside, "--fresh"))
                .hasMessageContaining("the topic 'beside-embeddings' has records of encoder version ");
        feed.send(BATCH);
        feed.confirmed();
        String job = enter(beside);
        assertAnnounced("Job beside: Its last start has completed no checkpoint and is repeated."
                + " Starting a new model; 40 records wait");
        others.awaitLearned(5 * BATCH);
        String savepoint = cluster.rest().savepoint(job, folder.resolve("beside-savepoints"));
        cluster.rest().cancel(job);

        job = enter(beside, "--savepoint", savepoint);
        assertAnnounced("Job beside: Going on from " + asPrinted(savepoint) + ": encoder version 5");
        feed.send(BATCH);
        others.awaitLearned(6 * BATCH);
        stoppedByFlink(job, folder.resolve("beside-stopped"));
        assertThatThrownBy(() -> enter(beside))
                .hasMessageContaining("the state " + asPrinted(savepoint) + " holds encoder version 5")
                .hasMessageContaining("the consumer group 'beside' has named-images-0 read up to offset 48")
                .hasMessageContaining("the topic 'beside-embeddings' has records of encoder version 6");
    }

    @Test
    void statesThatFlinksOwnCommandsLeaveOrThatCannotBeReadAreNotForgotten() throws Exception {
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

            failsForGoodWithAStateThatDoesNotFitThoughNothingWasChecked(run, first);

            job = cluster.rest().run(jar, first, run.allArguments());
            feed.send(BATCH);
            embeddings.awaitLearned(2 * BATCH);
            run.awaitCheckpoint(2);
            // It closes the job's class loader while the tasks still close their clients.
            cluster.stopTaskManager("one");
            cluster.startTaskManager("one");
            cluster.rest().cancel(job);
            String orphan = asPrinted(run.newestCheckpoint());
            refusesATopicOfAnotherName(run, orphan);

            job = enter(run);
            assertAnnounced("Job stray: Going on from " + orphan + ": encoder version 2");
            feed.send(BATCH);
            embeddings.awaitLearned(3 * BATCH);
            String second = stoppedByFlink(job, folder.resolve("other-savepoints"));
            assertThatThrownBy(() -> enter(run))
                    .hasMessageContaining("the state " + orphan + " holds encoder version 2")
                    .hasMessageContaining("the consumer group 'stray' has stray-images-0 read up to offset 24")
                    .hasMessageContaining("the topic 'stray-embeddings' has records of encoder version 3");

            job = enter(run, "--savepoint", second);
            run.awaitCheckpoint(3);
            cluster.rest().cancel(job);
            requireLearnedOnce(feed, embeddings);
            goesOnFromTheNewestStateThatCanBeRead(
                    run, List.of(asPrinted(run.newestCheckpoint()), asPrinted(second), orphan, asPrinted(first)));
        }
        startsANewModelBesideWhatCannotBeRead();
    }

    private static void failsForGoodWithAStateThatDoesNotFitThoughNothingWasChecked(LearningRun run, String savepoint)
            throws Exception {
        LearningRun misfit = run.with(Map.of(
                "encoder.width", "6",
                "image.height", "16",
                "learner.replay.capacity", "32",
                "optimizer.kind", "adam"));
        String job = FlinkCluster.submitted(flink(
                0,
                misfit,
                List.of(
                        "--fromSavepoint",
                        savepoint,
                        "--class",
                        UncheckedStart.class.getName(),
                        "--classpath",
                        Path.of("target/test-classes").toUri().toString())));
        Await.until("the job has failed", () -> cluster.rest().status(job).equals("FAILED"));
        assertThat(cluster.rest().restarts(job)).isZero();
        assertThat(cluster.rest().failure(job))
                .contains(
                        "the stored state of model 'encoder' cannot be restored with these options",
                        "encoder.width is 4 in the state, but 6 in the options",
                        "image.height is 8 in the state, but 16 in the options",
                        "learner.replay.capacity is 64 in the state, but only 32 in the options",
                        "optimizer.kind is sgd in the state, but adam in the options");
        assertAnnounced("It is not started again, which would not make a difference");
    }

    private static void refusesATopicOfAnotherName(LearningRun run, String state) {
        LearningRun renamed = run.with(Map.of("kafka.topic.labelled-images", "other-images"));
        renamed.createTopics(kafka, 1);
        assertThatThrownBy(() -> enter(renamed))
                .hasMessageContaining("the state " + state + " was not learned from this topic: "
                        + "kafka.topic.labelled-images is stray-images in the state, but other-images in the options")
                .hasMessageContaining("--from-earliest");
    }

    /** @param states from the newest to the oldest */
    private static void goesOnFromTheNewestStateThatCanBeRead(LearningRun run, List<String> states) throws Exception {
        damage(states.get(0));
        String job = enter(run);
        assertAnnounced("Job stray: Going on from " + states.get(1) + ": encoder version 3");
        cluster.rest().cancel(job);
        damage(states.get(1));
        String checkpoint = run.newestCheckpoint();
        if (!checkpoint.isEmpty()) {
            damage(checkpoint);
        }
        assertThatThrownBy(() -> enter(run))
                .hasMessageContaining("the state " + states.get(2) + " holds encoder version 2")
                .hasMessageContaining("the topic 'stray-embeddings' has records of encoder version 3");
        damage(states.get(2));
        damage(states.get(3));
        assertThatThrownBy(() -> enter(run))
                .hasMessageContaining("a new model, of encoder version 0, is not started")
                .hasMessageContaining("these cannot be read: ")
                .hasMessageContaining(states.get(1));
        assertThatThrownBy(() -> enter(run, "--fresh"))
                .hasMessageContaining("the topic 'stray-embeddings' has records of encoder version 3");
    }

    /** Of which Kafka knows nothing. */
    private static void startsANewModelBesideWhatCannotBeRead() throws Exception {
        LearningRun run = LearningRun.create("unread", kafka, "unread-images", 1, folder, Map.of());
        Path savepoint = Files.createDirectories(run.checkpoints().resolve("savepoint-000000-000000000000"));
        damage(savepoint.toUri().toString());
        assertThatThrownBy(() -> enter(run))
                .hasMessageContaining(
                        "these cannot be read: " + asPrinted(savepoint.toUri().toString()));
        String job = enter(run, "--fresh");
        assertAnnounced("Job unread: Starting a new model; 0 records wait");
        cluster.rest().cancel(job);
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

    /** A location as messages have it. */
    private static String asPrinted(String uri) {
        return "file:" + Path.of(URI.create(uri));
    }

    private static void damage(String state) throws IOException {
        Files.writeString(Path.of(URI.create(state)).resolve("_metadata"), "damaged");
    }

    private static void assertAnnounced(String text) throws IOException {
        assertThat(cluster.jobManager().output()).contains(text);
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

    /** @param more options of {@code flink run} */
    private static String flink(int status, LearningRun run, List<String> more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("run", "--detached", "-m", "localhost:" + cluster.restPort()));
        arguments.addAll(more);
        arguments.add(Folder.JOB_JAR.toString());
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
