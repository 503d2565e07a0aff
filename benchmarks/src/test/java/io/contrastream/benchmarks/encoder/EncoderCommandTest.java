package io.contrastream.benchmarks.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.benchmarks.ReportFields;
import io.contrastream.cli.Contrastream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** With the engine that is on the tests' class path. */
final class EncoderCommandTest {

    private static final String SMALL =
            "bench encoder --width 2 --size 8 --batch 5 --threads 1 --seconds 0.2 --warmup 0";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(arguments.split(" ", -1));
    }

    @Test
    void theFiguresAreOneJsonObject() throws Exception {
        assertThat(run(SMALL + " --optimizer adam --json")).as("%s", err).isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(ReportFields.whereAnd(
                        "forward_images_per_second",
                        "forward_ms",
                        "forward_ms_p95",
                        "forward_calls",
                        "train_images_per_second",
                        "train_ms",
                        "train_ms_p95",
                        "train_calls",
                        "train_loss",
                        "peak_rss_bytes",
                        "peak_device_bytes"));
        assertThat(json.get("engine").asText()).isEqualTo("dl4j");
        assertThat(json.get("architecture").asText()).isEqualTo("resnet18");
        assertThat(json.get("optimizer").asText()).isEqualTo("adam");
        assertThat(json.get("threads").asInt()).isEqualTo(1);
        assertThat(json.get("version").asText()).startsWith("contrastream ");
        assertThat(json.get("train_loss").asDouble()).isPositive();
        assertThat(json.get("train_calls").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(json.get("train_images_per_second").asDouble()
                        * json.get("train_ms").asDouble())
                .isBetween(4999.0, 5001.0);
        assertThat(json.get("peak_rss_bytes").asLong()).isGreaterThan(50_000_000);
        assertThat(json.get("peak_device_bytes").isNull()).isTrue();
    }

    @Test
    void memoryIsToldEarlyAndAtTheEndOfManySteps() throws Exception {
        assertThat(run(SMALL + " --memory-steps 20 --json")).as("%s", err).isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("memory_steps").asInt()).isEqualTo(20);
        for (String when : List.of("early", "end")) {
            assertThat(json.get("rss_bytes_" + when).asLong())
                    .isBetween(50_000_000L, json.get("peak_rss_bytes").asLong() + (1L << 30));
            assertThat(json.get("device_bytes_" + when).isNull()).isTrue();
        }
    }

    @Test
    void aProfileTellsWhatTheTimeGoesInto() throws Exception {
        assertThat(run(SMALL + " --profile --json")).as("%s", err).isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString());
        for (String what : List.of("forward", "train")) {
            JsonNode profile = json.get(what + "_profile");
            assertThat(profile.get("convolution").asDouble()).isPositive();
            assertThat(profile).allSatisfy(share -> assertThat(share.asDouble()).isBetween(0.0, 1.0));
            assertThat(StreamSupport.stream(profile.spliterator(), false)
                            .mapToDouble(JsonNode::asDouble)
                            .sum())
                    .isCloseTo(1, within(1e-9));
            // This engine waits for nothing but itself, and does not count that.
            assertThat(json.get(what + "_waits").isNull()).isTrue();
        }
        assertThat(json.get("forward_operations").asInt()).isGreaterThan(20);
        assertThat(json.get("train_operations").asInt())
                .isGreaterThan(2 * json.get("forward_operations").asInt());
        assertThat(json.get("train_profile").get("convolution_backward_weights").asDouble())
                .isPositive();
        assertThat(json.get("forward_profile").has("convolution_backward_weights"))
                .isFalse();
    }

    @Test
    void peopleGetLines() {
        assertThat(run(SMALL + " --architecture resnet50 --stem imagenet --memory-steps 10 --profile"))
                .as("%s", err)
                .isZero();

        assertThat(out.toString().lines())
                .hasSizeGreaterThan(8)
                .anyMatch(line -> line.matches(" +[0-9.]+% \\(outside operations\\)"))
                .anyMatch(
                        line -> line.matches(
                                "memory +10 steps: \\d+ MiB after a tenth, \\d+ MiB at the end; of the device unknown, unknown"))
                .anyMatch(line -> line.startsWith("resnet50, imagenet stem, width 2, 8 pixels a side"))
                .anyMatch(line -> line.matches("forward +[0-9.]+ images/s +[0-9.]+ ms .*"))
                .anyMatch(line -> line.matches("train +[0-9.]+ images/s +[0-9.]+ ms .*, loss [0-9.]+"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bench                                     | say what to measure: encoder, learner
            bench encoder --architecture resnet19     | '--architecture': expected one of [RESNET18_SLIM, resnet18-slim,
            bench encoder --optimizer lamb            | '--optimizer': expected one of [SGD, ADAM]
            bench encoder --width 0                   | width must be at least 1, but is 0
            bench encoder --size 0                    | image shape must have positive sides
            bench encoder --batch 1                   | batch must be at least 2, but is 1
            bench encoder --threads -1                | threads must be at least 0, but is -1
            bench encoder --seconds -1                | --seconds must be in [0, 3600], but is -1.0
            bench encoder --warmup NaN                | --warmup must be in [0, 3600], but is NaN
            bench encoder --memory-steps 9            | --memory-steps must be 0 or at least 10, but is 9
            bench encoder --device tpu                | device must be auto, cpu, cuda or cuda:N, but is 'tpu'
            bench encoder --device cuda               | device cuda needs ND4J's CUDA back end
            bench encoder --precision tf32            | precision
            bench encoder --memory-limit much         | '--memory-limit'
            """)
    void whatCannotBeMeasuredIsAUsageError(String arguments, String message) {
        assertThat(run(arguments)).isEqualTo(2);

        assertThat(err.toString())
                .startsWith("contrastream: ")
                .contains(message)
                .doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }
}
