package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.safetensors.SafetensorsWriter;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Consoles of {@code learn} and {@code bin/flink} and the log files of a job, each process started for real. */
@Timeout(600)
final class SignsOfLifeITCase {

    /** Within which a JobManager that is not there is given up; Flink by itself takes a minute. */
    private static final Duration UNREACHABLE = Duration.ofSeconds(55);

    private static final int IMAGES = 24;
    private static final Path LOGS = Path.of("target/signs-logs").toAbsolutePath();

    @TempDir
    private static Path temporary;

    private static KafkaProcess kafka;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startKafka() throws Exception {
        Files.createDirectories(LOGS);
        kafka = new KafkaProcess(temporary, LOGS, Map.of());
        kafka.create(TopicLayout.all(1, (short) 1));
        send();
    }

    @AfterAll
    static void stopKafka() {
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void learnTellsItsStartItsProgressAndAtOnceWhyItStartsAgainAndLeavesNothingBehind() throws Exception {
        Path checkpoints = Files.createDirectory(folder.resolve("checkpoints"));
        Path away = folder.resolve("away");
        Path tmp = Files.createDirectory(folder.resolve("tmp"));
        Path logs = Files.createDirectory(folder.resolve("logs"));
        try (ChildProcess learn = Script.start(
                logs,
                Map.of("CONTRASTREAM_JAVA_OPTS", ChildProcess.BRIEF + " -Djava.io.tmpdir=" + tmp),
                "contrastream",
                options("learn", "console", checkpoints, "--fresh", "--replace-model"))) {
            awaitOutput(
                    learn,
                    "Started: engine dl4j on cpu, float32; model 'encoder', resnet18-slim of width 4",
                    "a new model with random weights; " + IMAGES + " records waiting");
            awaitOutput(learn, IMAGES + " images learned", "; 0 records waiting");
            Path log = logs.resolve("contrastream-learn-" + learn.pid() + ".log");
            assertThat(log).content().contains("Learning starts: engine dl4j on cpu");

            // Others neither move nor write the log of a process that runs.
            Object key = Files.readAttributes(log, BasicFileAttributes.class).fileKey();
            Script.run(Await.PATIENCE, logs, "contrastream", "topics", "list", "-b", kafka.bootstrapServers());
            assertThat(Files.readAttributes(log, BasicFileAttributes.class).fileKey())
                    .isEqualTo(key);
            assertThat(names(logs)).noneMatch(name -> name.startsWith("contrastream-topics"));

            Await.until("there is a checkpoint", () -> hasCheckpoint(checkpoints));
            Files.move(checkpoints, away);
            Files.createFile(checkpoints);
            awaitOutput(
                    learn,
                    "The job failed: checkpoint ",
                    "could not be written: ",
                    checkpoints + " is a file, not a directory");
            assertThat(learn.output()).contains("Starting it again from checkpoint ", ", attempt 1 of 10");
            Files.delete(checkpoints);
            Files.move(away, checkpoints);
            awaitOutput(
                    learn, "restored at version ", "with " + IMAGES + " images learned from checkpoint ", "(restart ");
            assertThat(log).content().contains("The job failed: checkpoint ");

            learn.terminate();
            learn.exitCode(Await.PATIENCE);
            assertThat(learn.output()).contains("the same command goes on from ");
        }
        assertThat(names(tmp)).isEmpty();
    }

    @Test
    void learnRefusesWeightsThatAreNotFiniteAndNamesTheTensorBeforeAnythingRuns() throws Exception {
        EncoderSpec spec = new EncoderSpec(
                Architecture.RESNET18_SLIM, Stem.CIFAR, 4, new ImageShape(3, 32, 32), 128, Normalization.CIFAR100);
        Path weights = folder.resolve("weights.safetensors");
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            List<Tensor> parameters = spec.network().initialParameters(1);
            parameters.stream()
                    .filter(tensor -> tensor.name().equals("layer1.0.bn1.running_var"))
                    .forEach(tensor -> tensor.values()[2] = value);
            try (OutputStream out = Files.newOutputStream(weights)) {
                SafetensorsWriter.write(Map.of(), parameters, out);
            }

            String refused = Script.run(
                    2,
                    Await.PATIENCE,
                    folder,
                    "contrastream",
                    options(
                            "learn",
                            "not-finite",
                            folder.resolve("checkpoints"),
                            "--fresh",
                            "--replace-model",
                            "--encoder.initial-weights",
                            weights.toString()));

            assertThat(refused)
                    .contains("encoder.initial-weights cannot be used: ")
                    .contains("tensor 'layer1.0.bn1.running_var' has 1 of 4 values that are not finite")
                    .doesNotContain("\tat ");
        }
        assertThat(names(folder)).doesNotContain("checkpoints");
    }

    @Test
    void aClusterTellsTheSameInItsLogsAndFailuresOfItsCommandsAreSentences() throws Exception {
        Path logs = Files.createDirectory(folder.resolve("logs"));
        try (FlinkCluster cluster = new FlinkCluster(logs, "dl4j")) {
            String address = "localhost:" + cluster.restPort();
            try (ChildProcess unreachable = Script.start(logs, "flink", "list", "-m", "localhost:1");
                    ChildProcess traced = Script.start(logs, "flink", "--stacktrace", "list", "-m", "localhost:1");
                    ChildProcess help = run(logs, address, "--help");
                    ChildProcess refused = run(logs, address, "--learner.batch-size", "0")) {
                cluster.startJobManager();
                cluster.startTaskManager("one");
                assertThat(ended(1, UNREACHABLE, unreachable))
                        .contains("flink: Failed to retrieve job list: ")
                        .doesNotContain("\tat ");
                assertThat(ended(1, UNREACHABLE, traced)).contains("\tat org.apache.flink.client.cli.CliFrontend.list");
                assertThat(ended(0, Await.PATIENCE, help))
                        .contains("--learner.batch-size", "Default: 10.")
                        .doesNotContain("\tat ");
                assertThat(ended(1, Await.PATIENCE, refused))
                        .contains(
                                "flink: 2 options are not right:", "learner.batch-size is 0", "The stack trace is in ")
                        .doesNotContain("\tat ");
            }
            cluster.awaitReady();
            String missing =
                    submitted(1, logs, address, options("", "missing", folder, "--kafka.topic.embeddings", "nowhere"));
            assertThat(missing)
                    .contains("flink: there is no topic 'nowhere'", "bin/contrastream topics create")
                    .doesNotContain("\tat ");

            submitted(0, logs, address, options("", "cluster", folder, "--fresh", "--replace-model"));
            Path log = logs.resolve("taskmanager-" + cluster.taskManager("one").pid() + ".log");
            Await.until(
                    "the learner tells of its progress",
                    () -> Files.readString(log).contains(IMAGES + " images learned"));
            assertThat(log)
                    .content()
                    .contains("Learning starts: engine dl4j on cpu, float32; model 'encoder'")
                    .doesNotContain("ConsumerConfig values", "ProducerConfig values");
        }
    }

    /** Of the process that runs it is the oldest. */
    @Test
    void ofProcessesThatHaveEndedTheNewestLogsOfEveryNameAreKept() throws Exception {
        int most = 1 << 22; // process ids are smaller
        Instant old = Instant.now().minus(Duration.ofDays(1));
        String running = "contrastream-topics-" + ProcessHandle.current().pid() + ".log";
        write(folder.resolve(running), old);
        write(folder.resolve("contrastream-learn-" + most + ".log"), old);
        for (int i = 1; i <= 12; i++) {
            // The higher its number, the older it is.
            write(folder.resolve("contrastream-topics-" + (most + i) + ".log"), old.plusSeconds(60L * (13 - i)));
            write(folder.resolve("contrastream-topics-" + (most + i) + ".log.1"), old);
        }

        Script.run(Await.PATIENCE, folder, "contrastream", "topics", "--help");
        List<String> kept = new ArrayList<>(List.of(running, "contrastream-learn-" + most + ".log"));
        for (int i = 1; i <= 10; i++) {
            kept.add("contrastream-topics-" + (most + i) + ".log");
            kept.add("contrastream-topics-" + (most + i) + ".log.1");
        }
        assertThat(logs()).containsExactlyInAnyOrderElementsOf(kept);

        try (ChildProcess fewer =
                Script.start(folder, Map.of("CONTRASTREAM_LOGS", "2"), "contrastream", "topics", "--help")) {
            ended(0, Await.PATIENCE, fewer);
        }
        assertThat(logs()).containsExactlyInAnyOrderElementsOf(kept.subList(0, 6));
    }

    private static void write(Path log, Instant modified) throws IOException {
        Files.setLastModifiedTime(Files.writeString(log, "line\n"), FileTime.from(modified));
    }

    private List<String> logs() throws IOException {
        return names(folder).stream().filter(name -> name.contains(".log")).toList();
    }

    private static ChildProcess run(Path logs, String address, String... options) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("run", "--detached", "-m", address, Folder.JOB_JAR.toString()));
        arguments.addAll(List.of(options));
        return Script.start(logs, "flink", arguments.toArray(String[]::new));
    }

    private static String submitted(int status, Path logs, String address, String... options) throws Exception {
        try (ChildProcess run = run(logs, address, options)) {
            return ended(status, Await.PATIENCE, run);
        }
    }

    /** The output of a process that ends with the status. */
    private static String ended(int status, Duration patience, ChildProcess process) throws Exception {
        assertThat(process.exitCode(patience)).as(process.output()).isEqualTo(status);
        return process.output();
    }

    private static String[] options(String command, String group, Path checkpoints, String... more) {
        List<String> options = new ArrayList<>(command.isEmpty() ? List.of() : List.of(command));
        options.addAll(List.of("--kafka.bootstrap-servers", kafka.bootstrapServers(), "--kafka.group-id", group));
        options.addAll(List.of("--job.checkpoint-directory", checkpoints.toString()));
        options.addAll(List.of("--job.checkpoint-interval", "1 s", "--learner.report-interval", "1 s"));
        options.addAll(List.of("--learner.flush-interval", "1 s", "--learner.recall-size", "4"));
        options.addAll(List.of("--encoder.architecture", "resnet18-slim", "--encoder.width", "4"));
        options.addAll(List.of("--encoder.threads", "1"));
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    /** Waits until a line of the output has all of the texts. */
    private static void awaitOutput(ChildProcess process, String... texts) throws Exception {
        Await.until("it tells " + List.of(texts), () -> {
            if (!process.isAlive()) {
                throw new AssertionError(process + " has ended: " + process.output());
            }
            return process.output().lines().anyMatch(line -> Stream.of(texts).allMatch(line::contains));
        });
    }

    private static boolean hasCheckpoint(Path checkpoints) throws IOException {
        try (Stream<Path> files = Files.find(checkpoints, 3, (file, attributes) -> file.endsWith("_metadata"))) {
            return files.findAny().isPresent();
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static void send() throws Exception {
        try (ImageSource source = ImageSource.open("synthetic", 1);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            ImageStream stream = ImageStream.of(source, 3, IMAGES, 1);
            for (int i = 0; i < IMAGES; i++) {
                producer.send(new ProducerRecord<>(
                                Topic.LABELLED_IMAGES.id(),
                                stream.image(i).id().getBytes(StandardCharsets.UTF_8),
                                SingleObject.encode(stream.image(i).record(Instant.EPOCH, Map.of()))))
                        .get();
            }
        }
    }
}
