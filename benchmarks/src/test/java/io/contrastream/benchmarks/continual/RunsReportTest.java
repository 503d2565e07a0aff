package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunsReportTest {

    @TempDir
    private Path folder;

    private static final Map<String, Map<String, String>> SETTINGS = new LinkedHashMap<>();

    static {
        SETTINGS.put("plain", Map.of());
        SETTINGS.put("better", Map.of("loss.temperature", "0.2"));
    }

    private Run run(String setting, long seed, double end, double cpuMillis) throws IOException {
        Run run = new Run(folder, setting, seed);
        Files.writeString(run.figures(), String.format("""
                {"seed": %d, "device": "cpu", "end_accuracy": %s, "average_accuracy": 0.5, "forgetting": 0.1,
                 "backward_transfer": -0.1, "forward_transfer": null, "prequential_accuracy": 0.4,
                 "end_top_k_accuracy": 0.9, "images_until_recognised": 20, "images_per_second": 10,
                 "cpu_ms_per_image": %s, "peak_rss_bytes": 104857600, "peak_device_bytes": null}
                """, seed, end, cpuMillis));
        return run;
    }

    private RunsReport report(boolean choosing) throws IOException {
        return new RunsReport(
                SETTINGS,
                List.of(101L, 102L),
                choosing,
                List.of(
                        run("plain", 101, 0.40, 10),
                        run("better", 101, 0.45, 30),
                        run("plain", 102, 0.50, 10),
                        run("better", 102, 0.53, 20)));
    }

    @Test
    void aSettingHasTheMeanAndTheSpreadOfItsOrdersAndItsCostBesideTheFirst() throws Exception {
        JsonNode better = report(true).json().get("settings").get(0);

        assertThat(better.get("setting").asText()).isEqualTo("better");
        assertThat(better.get("options").get("loss.temperature").asText()).isEqualTo("0.2");
        assertThat(better.get("mean").get("end_accuracy").asDouble()).isCloseTo(0.49, within(1e-12));
        assertThat(better.get("standard_deviation").get("end_accuracy").asDouble())
                .isCloseTo(0.08 / Math.sqrt(2), within(1e-12));
        assertThat(better.get("mean").get("forward_transfer").isNull()).isTrue();
        assertThat(better.get("runs")).hasSize(2);
        assertThat(report(true).text().lines().toList().get(2))
                .isEqualTo(
                        "| `better` | 2 of 2 | 49.00 ± 5.66 | 50.00 ± 0.00 | 10.00 ± 0.00 | 40.00 ± 0.00 | 90.00 ± 0.00 "
                                + "| 10.0 ± 0.0 | 25.0 ± 7.1 | 2.50 | 100 MiB |");
    }

    @Test
    void theBestIsNamedWithHowFarItIsAheadOnTheSameOrders() throws Exception {
        assertThat(report(true).text())
                .endsWith("Best by end accuracy: better, on the same orders 4.00 ± 1.41 points above plain");
        assertThat(report(true).json().get("best").asText()).isEqualTo("better");
    }

    @Test
    void whatReportsIsInTheOrderOfTheFileAndChoosesNone() throws Exception {
        RunsReport report = report(false);

        assertThat(report.json().get("best").isNull()).isTrue();
        assertThat(report.text()).doesNotContain("Best");
        assertThat(report.text().lines().toList().get(2)).startsWith("| `plain` |");
    }

    @Test
    void nothingIsChosenWhileARunIsMissing() throws Exception {
        RunsReport whole = report(true);
        List<Run> runs = new ArrayList<>(whole.runs());
        Files.delete(runs.get(3).figures());
        RunsReport report = new RunsReport(SETTINGS, whole.seeds(), true, runs);

        assertThat(report.json().get("best").isNull()).isTrue();
        assertThat(report.text())
                .endsWith("No setting is chosen before all runs have ended.")
                .contains("| 1 of 2 |");
    }

    @Test
    void aLineOfCommaSeparatedValuesIsARun() throws Exception {
        assertThat(report(true).csv().lines())
                .hasSize(5)
                .anyMatch(line -> line.startsWith("better,102,0.53,0.5,0.1,-0.1,,0.4,0.9,20,10,"));
    }
}
