package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.schemas.Embedding;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same command once more, {@code learn}, in processes of its own: a start goes on from the newest state, or is refused. */
@Timeout(900)
final class StartedAgainITCase {

    private static final int BATCH = LearningRun.BATCH;
    private static final Path LOGS = Path.of("target/started-again-logs").toAbsolutePath();

    private static final AtomicInteger LEARNERS = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static KafkaProcess kafka;

    @BeforeAll
    static void start() throws Exception {
        LoggedErrors.forget(LOGS);
        kafka = new KafkaProcess(folder, LOGS, Map.of());
    }

    @AfterAll
    static void stop() throws IOException {
        if (kafka != null) {
            kafka.close();
        }
        assertThat(LoggedErrors.unexplained(LOGS)).isEmpty();
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
                run.awaitCheckpoint(3);
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
        String list = run.checkpointsCommand(LOGS, "list");
        assertThat(list)
                .startsWith("newest      " + fresh + ": job again, encoder version 1, 8 images learned")
                .contains("older       " + newest + ": job again, encoder version 4, 32 images learned");
        assertThat(run.checkpointsCommand(LOGS, "prune")).contains("deleted  ").doesNotContain("savepoint");
        assertThat(run.checkpointsCommand(LOGS, "list")).contains(fresh, newest).doesNotContain("/chk-");
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
            assertThat(run.checkpointsCommand(LOGS, "list"))
                    .startsWith("newest      ")
                    .contains("again-images-0 read up to offset 16");
        }
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

    /** Ends {@code learn} as Ctrl-C does and returns its savepoint. */
    private static String stopped(ChildProcess learn) throws Exception {
        learn.close();
        return LearningRun.savepointIn(learn.output());
    }
}
