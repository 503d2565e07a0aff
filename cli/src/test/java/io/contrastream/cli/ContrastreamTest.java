package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.weights.EncoderWeights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ContrastreamTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "demo, --report",
        "dashboard, --host",
        "produce, --rate",
        "learn, --restore",
        "tail, --from-beginning",
        "export projector, --output",
        "export scalars, --output",
        "topics, create",
        "topics create, --replication-factor",
        "topics list, --bootstrap-servers",
        "weights export, --savepoint",
        "weights inspect, FILE",
        "releases list, DIRECTORY",
        "releases show, RELEASE",
        "releases verify, --sha256",
        "releases rollback, --topic",
        "releases prune, --keep"
    })
    void everyCommandHasHelp(String command, String mentions) {
        Console console = Console.run((command + " --help").split(" ", -1));

        assertThat(console.exitCode()).isZero();
        assertThat(console.out()).contains("Usage: contrastream " + command, mentions);
        assertThat(console.err()).isEmpty();
    }

    @Test
    void checkpointsListSaysThatTheLastStartHasLeftNothingYet(@TempDir Path folder) throws IOException {
        String savepoint = "file:"
                + Path.of("../reliability/src/test/resources/savepoints/0.1.0/savepoint")
                        .toAbsolutePath()
                        .normalize();
        Path notes = Files.createDirectories(folder.resolve("contrastream/replaced"));
        Files.writeString(notes.resolve("1.note"), note(savepoint, -1));
        String[] list = {
            "checkpoints",
            "list",
            "--job.name",
            "replaced",
            "--job.checkpoint-directory",
            folder.toUri().toString(),
            "--kafka.bootstrap-servers",
            "127.0.0.1:1"
        };

        assertThat(Console.run(list).out())
                .startsWith("newest      " + savepoint)
                .hasLineCount(1);

        Files.writeString(notes.resolve("2.note"), note("", 1));
        assertThat(Console.run(list).out())
                .startsWith("older       " + savepoint)
                .contains(
                        "The last start of the job replaced, which left these behind, has left nothing yet: it is repeated.");
    }

    private static String note(String savepoint, int generation) {
        return """
                contrastream note 1
                %s
                %d
                false

                end
                """.formatted(savepoint, generation);
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(Console.run("--version").out())
                .containsPattern("contrastream \\d+\\.\\d+")
                .contains("Flink 2.", "Kafka 4.")
                .doesNotContain("$");
    }

    @Test
    void whatIsPrintedIsUtf8WhateverTheLocale() {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.US_ASCII));
        try {
            Contrastream.commandLine().getSubcommands().get("tail").getOut().println("{\"label\":\"猫\"}");
        } finally {
            System.setOut(before);
        }

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualToIgnoringNewLines("{\"label\":\"猫\"}");
    }

    @Test
    void aMissingOrMistypedCommandIsAUsageError() {
        assertUsageError(Console.run(), "a command is missing", "See: contrastream --help");
        assertUsageError(Console.run("topics"), "create or list");
        assertUsageError(Console.run("prodce"), "Unmatched argument", "produce");
        assertUsageError(Console.run("demo", "--limt", "3"), "--limt", "--limit", "See: contrastream demo --help");
        assertUsageError(Console.run("tail", "-b", "localhost:9092"), "TOPIC");
        assertUsageError(Console.run("produce"), "--bootstrap-servers");
    }

    @Test
    void aDemoOfWhatIsNotThereIsRefusedBeforeAnythingStarts() {
        assertUsageError(
                Console.run("demo", "--images", "imagenet"),
                "--images: unknown image source 'imagenet', allowed: synthetic, cifar100:DIR, folder:DIR, csv:FILE");
        assertUsageError(Console.run("demo", "--images", "cifar100:/nowhere"), "there is no folder '/nowhere'");
        assertUsageError(Console.run("demo", "--classes", "121"), "--classes must be in [1, 120] for synthetic");
        assertUsageError(Console.run("demo", "--classes", "1"), "--classes must be at least 2");
        assertUsageError(Console.run("demo", "--limit", "9"), "--limit must be at least the number of classes, 10");
        assertUsageError(Console.run("demo", "--limit", "many"), "--limit", "'many' is not an int");
        String report = folder.resolve("missing/report.json").toString();
        assertUsageError(Console.run("demo", "--report", report), "--report " + report + ": cannot be written");
    }

    @Test
    void aDemoWithAnOptionThatTheJobDoesNotHaveIsRefusedBeforeAnythingStarts() {
        assertUsageError(
                Console.run("demo", "--set", "loss.temperature=0", "--set", "learner.batchsize=3"),
                "loss.temperature is 0, but must be",
                "there is no option learner.batchsize: did you mean learner.batch-size?");
    }

    @Test
    void embeddingWithOptionsThatAreNotRightTellsAllOfThem() {
        assertUsageError(
                Console.run("embed", "--embedding.batch-size", "0", "--learner.batch-size=10"),
                "embedding.batch-size is 0",
                "there is no option learner.batch-size");
    }

    @Test
    void learningWithOptionsThatAreNotRightTellsAllOfThem() {
        assertUsageError(
                Console.run("learn", "--loss.temperature", "0", "--learner.batch-size=-1", "--no-such-option", "1"),
                "loss.temperature is 0",
                "learner.batch-size is -1",
                "there is no option no-such-option");
        assertUsageError(Console.run("learn", "--config", "/nowhere.yaml"), "--config /nowhere.yaml");
    }

    @Test
    void anAddressThatDoesNotResolveIsAFailureInOneLine() {
        for (String command : new String[] {"topics create", "topics list", "produce", "tail embeddings"}) {
            Console console = Console.run((command + " -b nowhere.invalid:9092").split(" ", -1));

            assertThat(console.exitCode()).isEqualTo(1);
            assertThat(console.err())
                    .startsWith("contrastream: cannot connect to Kafka at 'nowhere.invalid:9092'")
                    .hasLineCount(1);
        }
    }

    @Test
    void theStackTraceIsShownToThoseWhoAskForIt() {
        assertThat(Console.run("topics", "list", "-b", "nowhere.invalid:9092", "--stacktrace")
                        .err())
                .contains("TopicException", "\tat io.contrastream");
    }

    @Test
    void topicsThatMakeNoSenseAreRefused() {
        assertUsageError(
                Console.run("topics", "create", "-b", "localhost:9092", "--partitions", "0"),
                "partitions must be at least 1, but is 0");
        assertUsageError(
                Console.run("topics", "create", "-b", "localhost:9092", "--name", "photos=x"),
                "unknown topic 'photos', allowed: labelled-images");
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertUsageError(Console.run("produce", "-b", "localhost:9092", "--rate", "0"), "--rate must be above 0");
        assertUsageError(Console.run("tail", "x", "-b", "localhost:9092", "--max", "0"), "--max must be at least 1");
    }

    @Test
    void aPropertiesFileThatIsNotThereIsNamed() {
        assertUsageError(
                Console.run("tail", "x", "-b", "localhost:9092", "--kafka-config", "/nowhere.properties"),
                "--kafka-config /nowhere.properties: cannot be read");
    }

    @Test
    void aFileOfWeightsIsLookedInto() throws IOException {
        EncoderSpec spec = JobOptions.parse("--kafka.bootstrap-servers", "localhost:9092", "--encoder.width", "4")
                .learn()
                .encoder();
        Path file = folder.resolve("encoder.safetensors");
        try (OutputStream out = Files.newOutputStream(file)) {
            List<Tensor> parameters = spec.network().initialParameters(1);
            EncoderWeights.write("encoder", new EncoderState(spec.fingerprint(), 2, parameters, List.of()), out);
        }

        String out = Console.run("weights", "inspect", file.toString()).out();
        assertThat(out)
                .startsWith(file + ": resnet18 of width 4, with its projection head, for images of 3 channels; "
                        + "exported of model 'encoder' at version 2")
                .contains(
                        "network   architecture=resnet18 stem=cifar width=4 channels=3 projection=128",
                        "metadata  contrastream.encoder-version = 2",
                        "tensor    conv1.weight F32[4, 3, 3, 3]");
    }

    @Test
    void weightsThatCannotBeHadAreAFailureInOneLine() throws IOException {
        Path text = Files.writeString(folder.resolve("text.safetensors"), "no weights at all");
        String nowhere = folder.resolve("nowhere").toString();

        assertFailure(Console.run("weights", "inspect", text.toString()), text + ": it is not a safetensors file");
        assertFailure(Console.run("weights", "inspect", nowhere), nowhere + ": there is no such file");
        assertFailure(
                Console.run("weights", "export", "--savepoint", nowhere, "--output", "x"),
                nowhere + ": Cannot find checkpoint or savepoint file/directory");
        assertUsageError(Console.run("weights"), "export or inspect");
        Files.write(folder.resolve("_metadata"), new byte[] {0x49, 0x60});
        assertFailure(
                Console.run("weights", "export", "--savepoint", folder.toString(), "--output", "x"),
                folder + ": it is cut off");
    }

    private static void assertFailure(Console console, String message) {
        assertThat(console.err()).startsWith("contrastream: " + message).hasLineCount(1);
        assertThat(console.exitCode()).isEqualTo(1);
    }

    private static void assertUsageError(Console console, String... texts) {
        assertThat(console.err()).contains(texts).startsWith("contrastream: ").doesNotContain("\tat ");
        assertThat(console.exitCode()).isEqualTo(2);
        assertThat(console.out()).isEmpty();
    }
}
