package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.cli.Contrastream;
import io.contrastream.learning.learner.Example;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** With the engine that is on the tests' class path. */
final class DriftCommandTest {

    private static final String SMALL = "bench drift --classes 2 --length 160 --architecture resnet18-slim --width 2"
            + " --size 8 --recall 2 --memory 8 --threads 1";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(arguments.split(" ", -1));
    }

    @Test
    void everyStreamHasItsErrorsAndWhatWasFound() throws Exception {
        assertThat(run(SMALL + " --json")).as("%s", err).isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("streams"))
                .extracting(stream -> stream.get("course").asText() + " "
                        + stream.get("change").asText())
                .containsExactly(
                        "none labels",
                        "sudden labels",
                        "gradual labels",
                        "recurring labels",
                        "sudden pixels",
                        "gradual pixels",
                        "recurring pixels");
        assertThat(json.get("streams")).allSatisfy(stream -> {
            assertThat(stream.get("errors").asText()).hasSize(160).matches("[01]+");
            assertThat(stream.get("error_delays")).hasSameSizeAs(stream.get("onsets"));
            assertThat(stream.get("embedding_delays")).hasSameSizeAs(stream.get("onsets"));
        });
    }

    @Test
    void peopleGetALineForEveryStream() {
        assertThat(run(SMALL)).as("%s", err).isZero();

        assertThat(out.toString().lines())
                .hasSize(9)
                .anyMatch(line -> line.matches("recurring +pixels .*"))
                .anyMatch(line -> line.matches("false alarms per 10,000 images: errors [0-9.]+, embeddings [0-9.]+"));
    }

    @Test
    void whatIsPlantedComesInTheSecondHalf() {
        Example cat = new Example("1", "cat", new byte[] {0, 100}, 0);
        List<String> labels = List.of("cat", "dog");
        for (PlantedDrift.Course course : PlantedDrift.Course.values()) {
            PlantedDrift planted = new PlantedDrift(course, PlantedDrift.Change.LABELS, 80, 1);
            List<String> seen = IntStream.range(0, 80)
                    .mapToObj(i -> planted.at(i, cat, labels).label())
                    .toList();
            assertThat(seen.subList(0, 40)).containsOnly("cat");
            switch (course) {
                case NONE -> assertThat(seen.subList(40, 80)).containsOnly("cat");
                case SUDDEN -> assertThat(seen.subList(40, 80)).containsOnly("dog");
                case GRADUAL -> {
                    assertThat(seen.subList(40, 60)).contains("cat", "dog");
                    assertThat(seen.subList(60, 80)).containsOnly("dog");
                }
                case RECURRING -> {
                    assertThat(planted.onsets()).containsExactly(40, 50, 60, 70);
                    assertThat(seen.subList(40, 50)).containsOnly("dog");
                    assertThat(seen.subList(50, 60)).containsOnly("cat");
                }
            }
        }
        Example negative =
                new PlantedDrift(PlantedDrift.Course.SUDDEN, PlantedDrift.Change.PIXELS, 2, 1).at(1, cat, labels);
        assertThat(negative.pixels()).containsExactly((byte) 255, (byte) 155);
    }

    @Test
    void aDelayIsThatOfTheFirstAlarmBeforeTheNextOnset() {
        DriftFound found = new DriftFound(List.of(30L, 105L, 108L, 260L), List.of(100, 150, 200), 300);

        assertThat(found.delays()).containsExactly(5L, -1L, 60L);
        assertThat(found.falseAlarms()).isEqualTo(1);
        assertThat(found.quiet()).isEqualTo(100);
    }

    @Test
    void aStreamThatIsTooShortIsRefused() {
        assertThat(run("bench drift --length 3")).isEqualTo(2);
        assertThat(err.toString()).contains("--classes and --length are 5 and 3");
    }
}
