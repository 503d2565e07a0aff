package io.contrastream.benchmarks.learner;

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

/** With the engine that is on the tests' class path. */
final class LearnerCommandTest {

    private static final String SMALL =
            "bench learner --width 2 --size 8 --batch 3 --recall 5 --memory 7 --threads 1 --mini-batches 4 --warmup 1";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(arguments.split(" ", -1));
    }

    @Test
    void theFiguresAreOneJsonObject() throws Exception {
        assertThat(run(SMALL + " --steps-per-batch 2 --augment-threads 3 --json"))
                .as("%s", err)
                .isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(ReportFields.whereAnd(
                        "recall",
                        "memory",
                        "steps_per_batch",
                        "augment_threads",
                        "mini_batches",
                        "images_per_second",
                        "mini_batch_ms",
                        "mini_batch_ms_p95",
                        "encoder_ms",
                        "encoder_ms_p95",
                        "other_ms",
                        "other_ms_p95",
                        "other_share"));
        assertThat(json.get("mini_batches").asInt()).isEqualTo(4);
        assertThat(json.get("augment_threads").asInt()).isEqualTo(3);
        assertThat(json.get("encoder_ms").asDouble())
                .isPositive()
                .isLessThan(json.get("mini_batch_ms_p95").asDouble());
        assertThat(json.get("other_ms").asDouble()).isPositive();
        assertThat(json.get("other_share").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void peopleGetLines() {
        assertThat(run(SMALL)).as("%s", err).isZero();

        assertThat(out.toString().lines())
                .hasSize(5)
                .anyMatch(line -> line.startsWith("mini-batches of 3 new and 5 recalled images of 7, 1 steps each"))
                .anyMatch(line -> line.matches("encoder +[0-9.]+ ms \\(p95 [0-9.]+\\)"))
                .anyMatch(line -> line.matches("other +[0-9.]+ ms \\(p95 [0-9.]+\\), [0-9.]+% of the time"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bench learner --batch 0                   | batch size must be at least 1, but is 0
            bench learner --memory 50                 | replay capacity must be at least the recall size, 100, but is 50
            bench learner --augment-threads -1        | augment threads must be at least 0, but is -1
            bench learner --mini-batches 0            | but they are 5 and 0
            bench learner --device tpu                | device must be auto, cpu, cuda or cuda:N, but is 'tpu'
            """)
    void whatCannotBeMeasuredIsAUsageError(String arguments, String message) {
        assertThat(run(arguments)).isEqualTo(2);

        assertThat(err.toString()).startsWith("contrastream: ").contains(message);
        assertThat(out.toString()).isEmpty();
    }
}
