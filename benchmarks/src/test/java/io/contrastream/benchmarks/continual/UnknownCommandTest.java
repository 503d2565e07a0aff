package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.benchmarks.ReportFields;
import io.contrastream.cli.Contrastream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** On generated images, of which so small a network learns little. */
final class UnknownCommandTest {

    private static final String SMALL = " --images synthetic --classes 4 --strangers 3 --stages 2 --images-per-class 40"
            + " --false-alarm-rate 0.2 --held-out-share 0.3 --width 2 --size 8 --threads 1 --recall 10 --batch 20";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.setOverwrittenOptionsAllowed(true).execute(("bench unknown" + arguments).split(" ", -1));
    }

    @Test
    void theFiguresAreOneJsonObject() throws Exception {
        assertThat(run(SMALL + " --json")).as("%s", err).isZero();
        JsonNode json = new ObjectMapper().readTree(out.toString());

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(ReportFields.whereAnd(
                        "images",
                        "seed",
                        "classes",
                        "strangers",
                        "train_images",
                        "memory",
                        "held_out_images",
                        "test_images",
                        "accuracy",
                        "false_alarm_rate_wanted",
                        "false_alarm_rate",
                        "worst_class_false_alarm_rate",
                        "strangers_found",
                        "auroc",
                        "similarity_false_alarm_rate",
                        "similarity_worst_class_false_alarm_rate",
                        "similarity_strangers_found",
                        "similarity_auroc"));
        assertThat(json.get("train_images").asInt()).isEqualTo(160);
        assertThat(json.get("memory").asInt()).isEqualTo(160);
        // All are in memory, and about 0.3 of them are held out.
        assertThat(json.get("held_out_images").asInt()).isBetween(25, 75);
        assertThat(json.get("test_images").asInt()).isEqualTo(800);
        assertThat(json.get("accuracy").asDouble()).isBetween(0.25, 1.0);
        // The threshold is from 25 images or more, so that five standard deviations are at most 0.4.
        assertThat(json.get("false_alarm_rate").asDouble()).isBetween(0.01, 0.6);
        assertThat(json.get("worst_class_false_alarm_rate").asDouble())
                .isGreaterThanOrEqualTo(json.get("false_alarm_rate").asDouble());
        assertThat(json.get("auroc").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void thereIsATextForPeople() {
        assertThat(run(SMALL + " --images-per-class 20")).as("%s", err).isZero();

        assertThat(out.toString())
                .contains("4 classes of synthetic taught with 80 images, 3 others not", "by similarity alone")
                .containsPattern("as the embedding job does +false alarms [0-9.]+%.*AUROC 0\\.\\d{3}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --false-alarm-rate 1     | --false-alarm-rate is 1.0, but must be above 0 and below 1
        --strangers 117          | at most the 120 of the data set
        --stages 5               | 1 stage for every class at most
        --held-out-share 0.6     | release.held-out-share is 0.6
        --images folder:/nowhere | --images:
        """)
    void whatCannotBeMeasuredIsAMistake(String argument, String message) {
        assertThat(run(SMALL + " " + argument)).isEqualTo(2);

        assertThat(err.toString()).contains(message);
    }

    @Test
    void withTooFewImagesHeldOutItSaysWhatToRaise() {
        assertThat(run(SMALL + " --false-alarm-rate 0.01")).isEqualTo(1);

        assertThat(err.toString()).contains("too few for a rate of 0.01 of false alarms: raise --held-out-share");
    }
}
