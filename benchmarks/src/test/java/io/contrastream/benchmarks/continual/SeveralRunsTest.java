package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.cli.Contrastream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs in processes of their own, with the engine that is on the tests' class path. */
final class SeveralRunsTest {

    private static final String SMALL = " --images synthetic --width 2 --size 8 --threads 1 --classes 4 --stages 2"
            + " --memory 8 --recall 4 --batch 5 --images-per-class 10 --test-images 5";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(("bench continual" + arguments).split(" ", -1));
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private Path sweep(String... lines) throws IOException {
        return Files.write(folder.resolve("sweep.yaml"), List.of(lines));
    }

    @Test
    void aSweepDoesWhatIsLeftAndComparesWhatHasEnded() throws Exception {
        Path file = sweep(
                "all: {learner.refresh-steps: 3}",
                "settings:",
                "  plain: {}",
                "  broken: {optimizer.learning-rate: 1e30, learner.max-skipped-in-row: 0}");
        Path json = folder.resolve("figures.json");
        String sweep = SMALL + " --sweep " + file + " --seeds 101,102 --parallel "
                + Math.min(2, Runtime.getRuntime().availableProcessors()) + " --json " + json;

        assertThat(run(sweep)).as("%s%s", out, err).isEqualTo(1);

        Path results = folder.resolve("sweep.yaml.results");
        assertThat(out.toString())
                .contains("4 runs: 2 settings on 2 orders")
                .contains("broken-101: failed; what it printed is in " + results.resolve("broken-101.log"))
                .contains("| `plain` | 2 of 2 |")
                .contains("| `broken` | 0 of 2 |")
                .contains("No setting is chosen before all runs have ended.");
        assertThat(run(SMALL + " --seed 102 --config "
                        + Files.writeString(folder.resolve("one.yaml"), "learner.refresh-steps: 3") + " --json "
                        + folder.resolve("one.json")))
                .isZero();
        JsonNode plain = read(json).get("settings").get(0);
        assertThat(plain.get("runs").get(1).get("accuracy_matrix"))
                .isEqualTo(read(folder.resolve("one.json")).get("accuracy_matrix"));
        assertThat(plain.get("runs").get(0).get("class_order"))
                .isNotEqualTo(plain.get("runs").get(1).get("class_order"));

        // A run that was stopped: its state, without its figures.
        sweep("all: {learner.refresh-steps: 3}", "settings: {plain: {}}");
        Files.delete(results.resolve("plain-102.json"));
        assertThat(run(SMALL + " --seed 102 --config " + folder.resolve("one.yaml") + " --resume "
                        + results.resolve("plain-102.state") + " --json " + folder.resolve("stopped.json")))
                .isZero();
        out.getBuffer().setLength(0);
        assertThat(run(sweep)).as("%s%s", out, err).isZero();

        assertThat(out.toString())
                .contains("2 runs: 1 settings on 2 orders, 1 of them done before")
                .contains("plain-102: end accuracy")
                .doesNotContain("plain-101: ")
                .contains("Best by end accuracy: plain");
        assertThat(read(results.resolve("plain-102.json")).get("train_seconds"))
                .as("not learned again")
                .isEqualTo(read(folder.resolve("stopped.json")).get("train_seconds"));
        assertThat(results.resolve("plain-102.state")).doesNotExist();

        sweep("all: {learner.refresh-steps: 4}", "settings: {plain: {}}");
        assertThat(run(sweep)).isEqualTo(2);
        assertThat(err.toString())
                .contains("has a run plain-101 of other options, learner.refresh-steps: 3 there, but "
                        + "learner.refresh-steps: 4 here");
    }

    @Test
    void noRunIsStartedWhenTheTimeIsOver() {
        assertThat(run(SMALL + " --seeds 7,8 --minutes 0.000001")).as("%s", err).isZero();

        assertThat(out.toString())
                .contains("stopped after 0 s with 0 of 2 runs; the same command goes on")
                .contains("| `run` | 0 of 2 |");
    }

    @Test
    void aRunEndsWithTheProcessThatHasStartedIt() throws Exception {
        Run run = new Run(folder, "long", 1);
        String arguments =
                "bench continual --images synthetic --protocol full --classes 10 --threads 1 --end-with-input";
        Process process = new ProcessBuilder(RunProcesses.command(run, List.of(arguments.split(" ", -1))))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --seeds 1,1                      | --seeds is [1, 1], but must have every seed once
            --seeds 1,2 --seed 3             | --seed is of one run, and cannot be given with --sweep or --seeds
            --seeds 1,2 --plot a.svg         | --plot is of one run
            --seeds 1,2 --parallel 1000      | --parallel is 1000, but must be a whole number from 1 to
            --seeds 1,2 --minutes 0          | --minutes is 0.0, but must be a number above 0
            --minutes 5                      | --results, --parallel and --minutes are for --sweep or --seeds
            --sweep missing.yaml             | --sweep missing.yaml: there is no such file
            --seeds 1,2 --recall 50          | --memory is 8, but must be at least --recall, which is 50
            """)
    void whatCannotBeRunIsAUsageError(String arguments, String message) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).setOverwrittenOptionsAllowed(true);

        assertThat(commandLine.execute(("bench continual" + SMALL + " " + arguments).split(" ", -1)))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("contrastream: ").contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            settings: {a: {loss.temperatur: 0.2}}       | setting a: there is no option loss.temperatur: did you mean loss.temperature?
            settings: {a: {encoder.width: 4}}           | setting a: sets encoder.width, which --width sets for all of them
            settings: {a: {model.recipe: soup}}         | setting a: model.recipe: expected one of
            settings: {a/b: {}}                         | 'a/b' is no name of a setting
            settings: {a: 3}                            | a is '3', but must be a map of options
            setting: {a: {}}                            | has 'setting', but must have settings and may have all
            all: {loss.temperature: 0.2}                | must have settings, options by name
            """)
    void aFileThatCannotBeRunIsAUsageError(String line, String message) throws Exception {
        assertThat(run(SMALL + " --sweep " + sweep(line))).isEqualTo(2);

        assertThat(err.toString()).startsWith("contrastream: ").contains(message);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void ordersThatReportAndOthersAreNotMixed() throws Exception {
        Path file = sweep("settings: {a: {}}");

        assertThat(run(SMALL + " --sweep " + file + " --seeds 5,101")).isEqualTo(2);

        assertThat(err.toString())
                .contains(
                        "--seeds is [5, 101], but must be of 1 to 5, which report, or of others, by which settings are "
                                + "chosen, not of both");
    }
}
