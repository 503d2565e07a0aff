package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.LearningJob;
import io.contrastream.schemas.Embedding;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same command once more: {@code learn} in processes of its own, {@code submit.sh} and {@code stop.sh} at a session cluster. A
 * start goes on from the newest state, or is refused.
 */
@Timeout(900)
final class StartedAgainITCase {

    private static final int BATCH = LearningRun.BATCH;
    private static final Path LOGS = Path.of("target/started-again-logs").toAbsolutePath();
    private static final Pattern STOPPED = Pattern.compile("goes on from (\\S+)");

    private static final AtomicInteger LEARNERS = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static KafkaProcess kafka;

    @BeforeAll
    static void start() throws Exception {
        kafka = new KafkaProcess(folder, LOGS, Map.of());
    }

    @AfterAll
    static void stop() {
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void learnGoesOnFromTheNewestStateAndRefusesWhatWouldLoseOne() throws Exception {
        LearningRun run = LearningRun.create("again", kafka, "again-images", 1, folder, Map.of());
        String first;
        String second;
        try (Feed feed = new Feed(kafka.bootstrapServers(), "again-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(2 * BATCH);
            feed.confirmed();
            try (ChildProcess learn = learn(run)) {
                embeddings.awaitLearned(2 * BATCH);
                first = stopped(learn);
                assertThat(learn.output()).contains("Starting a new model; 16 records wait");
            }

            // With an unfinished mini-batch of three images.
            feed.send(BATCH + 3);
            feed.confirmed();
            try (ChildProcess learn = learn(run)) {
                embeddings.awaitLearned(3 * BATCH);
                awaitCheckpoint(run, 3);
                assertThat(learn.output())
                        .contains("Going on from " + first + ": encoder version 2, 16 images learned,"
                                + " again-images-0 read up to offset 16; 11 records wait");

                LearningRun other = new LearningRun("other", folder.resolve("other"), run.settings())
                        .with(Map.of("job.name", "other"));
                assertThat(refused(other))
                        .contains(
                                "another learner is at work",
                                "job again at 127.0.0.1",
                                "'contrastream-writer-of-again-");
                learn.kill();
            }

            feed.send(BATCH - 3);
            feed.confirmed();
            try (ChildProcess learn = learn(run)) {
                embeddings.awaitLearned(4 * BATCH);
                second = stopped(learn);
                assertThat(learn.output())
                        .containsPattern("Going on from \\S+/chk-\\d+: encoder version 3, 24 images learned,"
                                + " again-images-0 read up to offset 27; 5 records wait");
            }
            assertThat(embeddings.read().learned().map(Embedding::getId))
                    .as("every image learned once")
                    .containsExactlyInAnyOrderElementsOf(feed.confirmed());
        }

        refusesAnOlderStateNoStateAndOneThatDoesNotFit(run, first, second);
        startsANewModelOnlyWhenToldTo(run, second);
        refusesATopicThatWasMadeAnew(run);
    }

    /** At once, as each takes a while to start. */
    private static void refusesAnOlderStateNoStateAndOneThatDoesNotFit(LearningRun run, String first, String second)
            throws Exception {
        LearningRun blank = new LearningRun(run.name(), folder.resolve("nothing"), run.settings());
        LearningRun misfit = run.with(Map.of(
                "encoder.width", "6",
                "encoder.architecture", "resnet34",
                "image.height", "16",
                "learner.replay.capacity", "32",
                "learner.replay.reservoir", "uniform",
                "optimizer.kind", "adam"));
        try (ChildProcess afresh = learn(blank);
                ChildProcess older = learn(run, "--savepoint", first);
                ChildProcess other = learn(misfit)) {
            assertThat(refused(afresh))
                    .contains(
                            "a new model, of encoder version 0, is not started: no state of the job 'again' was found in",
                            "the consumer group 'again' has again-images-0 read up to offset 32",
                            "the topic 'again-embeddings' has records of encoder version 4",
                            "--savepoint PATH",
                            "--fresh --replace-model");
            assertThat(refused(older))
                    .contains(
                            first + " holds encoder version 2",
                            "but more has been learned: " + second + " holds encoder version 4",
                            "leave --savepoint away",
                            "--replace-model");
            assertThat(refused(other))
                    .contains(
                            "the stored state of model 'encoder' cannot be restored with these options",
                            "encoder.architecture is resnet18-slim in the state, but resnet34 in the options",
                            "encoder.width is 4 in the state, but 6 in the options",
                            "image.height is 8 in the state, but 16 in the options",
                            "learner.replay.reservoir is class-balanced in the state, but uniform in the options",
                            "learner.replay.capacity is 64 in the state, but only 32 in the options",
                            "optimizer.kind is sgd in the state, but adam in the options");
        }
    }

    private static void startsANewModelOnlyWhenToldTo(LearningRun run, String newest) throws Exception {
        assertThat(refused(run, "--fresh")).contains(newest + " holds encoder version 4", "leave --fresh away");
        String fresh;
        try (Feed feed = new Feed(kafka.bootstrapServers(), "again-images", image -> SavepointFixture.newImage(image));
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run);
                ChildProcess learn = learn(run, "--fresh", "--replace-model")) {
            feed.send(BATCH);
            feed.confirmed();
            embeddings.awaitLearned(5 * BATCH);
            fresh = stopped(learn);
            assertThat(learn.output()).contains("Starting a new model; ");
        }
        // It holds less than those from before, and is the newest all the same.
        String list = checkpoints("list", run);
        assertThat(list)
                .startsWith("newest      " + fresh + ": job again, encoder version 1, 8 images learned")
                .contains("older       " + newest + ": job again, encoder version 4, 32 images learned");
        assertThat(checkpoints("prune", run)).contains("deleted  ").doesNotContain("savepoint");
        assertThat(checkpoints("list", run)).contains(fresh, newest).doesNotContain("/chk-");
    }

    private static void refusesATopicThatWasMadeAnew(LearningRun run) throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
            admin.deleteTopics(List.of("again-images")).all().get();
            Await.until(
                    "the topic is gone", () -> !admin.listTopics().names().get().contains("again-images"));
        }
        run.createTopics(kafka, 1);
        try (Feed feed = new Feed(
                        kafka.bootstrapServers(), "again-images", image -> SavepointFixture.newImage(1000 + image));
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(2 * BATCH);
            List<String> ids = feed.confirmed();
            assertThat(refused(run))
                    .contains(
                            "the topic 'again-images' has been made anew: its id is ",
                            "partition 0 of the topic 'again-images' has been read up to offset 40, but ends at offset 16",
                            "--from-earliest");
            try (ChildProcess learn = learn(run, "--from-earliest")) {
                embeddings.awaitLearned(7 * BATCH);
                String savepoint = stopped(learn);
                assertThat(learn.output())
                        .contains(
                                "encoder version 1, ",
                                "reading again-images from its earliest record; 16 records wait");
                assertThat(LearningJob.savedLearner(savepoint).state().encoder().step())
                        .isEqualTo(3);
            }
            assertThat(embeddings.read().learned().map(Embedding::getId)).containsAll(ids);
            assertThat(checkpoints("list", run))
                    .startsWith("newest      ")
                    .contains("again-images-0 read up to offset 16");
        }
    }

    @Test
    void aClustersJobIsFoundByItsNameStoppedIntoAnyFolderAndSubmittedAgain() throws Exception {
        LearningRun run = LearningRun.create(
                "named", kafka, "named-images", 1, folder, Map.of("kafka.delivery-guarantee", "exactly-once"));
        LearningRun other = LearningRun.create("beside", kafka, "named-images", 1, folder, Map.of());
        Path elsewhere = folder.resolve("elsewhere");
        try (FlinkCluster cluster = new FlinkCluster(LOGS, "torch", "heartbeat.interval=1s");
                Feed feed = new Feed(kafka.bootstrapServers(), "named-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            cluster.startJobManager();
            cluster.startTaskManager("one");
            cluster.awaitReady();
            feed.send(2 * BATCH);
            String job = FlinkCluster.submitted(submit(cluster, 0, run));
            embeddings.awaitLearned(2 * BATCH);
            assertThat(submit(cluster, 0, run)).contains("The job named runs already: " + job);
            assertThat(submit(cluster, 1, run, "--fresh")).contains("the job named runs already", "bin/stop.sh");
            // Though a job of the default name, and one of another, would be there.
            String jobBeside = FlinkCluster.submitted(submit(cluster, 0, other));
            assertThat(jobBeside).isNotEqualTo(job);
            assertThat(stop(cluster, other)).contains("Stopped; bin/submit.sh goes on from ");
            // Of the same name in another process: it has topics of its own, but would abort the transactions of this
            // one.
            LearningRun namesake = new LearningRun("named", folder.resolve("namesake"), other.settings())
                    .with(Map.of("job.name", "named", "kafka.delivery-guarantee", "exactly-once"));
            assertThat(refused(namesake))
                    .contains("another learner is at work", "'contrastream-transactions-of-named'");

            String savepoint = savepoint(stop(cluster, run, "--savepoint-directory", elsewhere.toString()));
            assertThat(Path.of(URI.create(savepoint)).getParent()).isEqualTo(elsewhere);
            feed.send(BATCH);
            assertThat(submit(cluster, 0, run)).contains("Going on from " + savepoint + ": encoder version 2");
            embeddings.awaitLearned(3 * BATCH);

            awaitCheckpoint(run, 3);
            cluster.killJobManager();
            cluster.startJobManager();
            cluster.awaitReady();
            feed.send(BATCH);
            assertThat(submit(cluster, 0, run)).containsPattern("Going on from \\S+/chk-\\d+: encoder version 3");
            embeddings.awaitLearned(4 * BATCH);

            String newest = savepoint(stop(cluster, run, "--savepoint-directory", elsewhere.toString()));
            LearningRun wider = run.with(Map.of("encoder.width", "6"));
            assertThat(submit(cluster, 1, wider)).contains("encoder.width is 4 in the state, but 6 in the options");
            assertThat(checkpoints("list", run))
                    .as("an orphaned checkpoint")
                    .startsWith("newest      " + newest)
                    .contains("older ", "/chk-");

            // By the job's own entry point, in the JobManager.
            String jar = cluster.rest().upload(Folder.JOB_JAR);
            assertThatThrownBy(() -> cluster.rest().run(jar, "", wider.allArguments()))
                    .hasMessageContaining("encoder.width is 4 in the state, but 6 in the options");
            feed.send(BATCH);
            cluster.rest().run(jar, "", run.allArguments());
            embeddings.awaitLearned(5 * BATCH);

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

    private static String submit(FlinkCluster cluster, int status, LearningRun run, String... more) throws Exception {
        return cluster.run(status, "submit.sh", run.checkpoints(), arguments(run, more));
    }

    private static String stop(FlinkCluster cluster, LearningRun run, String... more) throws Exception {
        return cluster.run(0, "stop.sh", run.checkpoints(), arguments(run, more));
    }

    private static ChildProcess learn(LearningRun run, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("learn"));
        arguments.addAll(run.allArguments());
        arguments.addAll(List.of(more));
        // Several run at once, each with a log of its own.
        Path logs = LOGS.resolve("learn-" + LEARNERS.incrementAndGet());
        return Script.start(logs, "contrastream", arguments.toArray(String[]::new));
    }

    private static String refused(LearningRun run, String... more) throws Exception {
        try (ChildProcess learn = learn(run, more)) {
            return refused(learn);
        }
    }

    private static String refused(ChildProcess learn) throws Exception {
        int status = learn.exitCode(Await.PATIENCE);
        assertThat(status).as(learn.output()).isEqualTo(1);
        assertThat(learn.output()).doesNotContain("\tat ");
        return learn.output();
    }

    private static String checkpoints(String command, LearningRun run) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("checkpoints", command));
        arguments.addAll(run.allArguments());
        return Script.run(Await.PATIENCE, LOGS, "contrastream", arguments.toArray(String[]::new));
    }

    /** Ends {@code learn} as Ctrl-C does and returns its savepoint. */
    private static String stopped(ChildProcess learn) throws Exception {
        learn.close();
        return savepoint(learn.output());
    }

    private static String savepoint(String output) {
        Matcher stopped = STOPPED.matcher(output);
        assertThat(stopped.find()).as(output).isTrue();
        String last = stopped.group(1);
        while (stopped.find()) {
            last = stopped.group(1);
        }
        return last;
    }

    /** Returns when a checkpoint holds an encoder version. */
    private static void awaitCheckpoint(LearningRun run, long version) throws Exception {
        Map<String, Long> versions = new LinkedHashMap<>();
        Await.until("there is a checkpoint of encoder version " + version, () -> {
            try (Stream<Path> files =
                    Files.find(run.checkpoints(), 3, (file, attributes) -> file.endsWith("_metadata"))) {
                for (Path file :
                        files.filter(one -> one.toString().contains("/chk-")).toList()) {
                    String checkpoint = file.getParent().toUri().toString();
                    versions.put(
                            checkpoint,
                            LearningJob.savedLearner(checkpoint)
                                    .state()
                                    .encoder()
                                    .step());
                }
            } catch (IOException | UncheckedIOException replaced) {
                return false;
            }
            return versions.containsValue(version);
        });
    }
}
