package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line's choice of an engine, as processes of their own. */
final class EngineITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Map<String, String> DEFAULT = Map.of();

    private final Path logs = Path.of("target/engine-logs").toAbsolutePath();

    @BeforeEach
    void makeRoomForLogs() throws IOException {
        Files.createDirectories(logs);
    }

    @Test
    void theDemoRunsOnTheTorchEngine(@TempDir Path folder) throws Exception {
        Path report = folder.resolve("report.json");

        Script.run(
                PATIENCE,
                logs,
                "contrastream",
                "--engine",
                "torch",
                "demo",
                "--classes",
                "2",
                "--limit",
                "60",
                "--report",
                report.toString(),
                "--set",
                "encoder.engine=torch",
                "--set",
                "encoder.width=4");

        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.at("/images_learned").asInt()).as("%s", json).isEqualTo(60);
        assertThat(json.at("/skipped_steps").asInt(-1)).as("%s", json).isZero();
    }

    @Test
    void theContinualLearningProtocolRunsOnTheTorchEngine(@TempDir Path folder) throws Exception {
        Path figures = folder.resolve("figures.json");

        Script.run(
                PATIENCE,
                logs,
                "contrastream",
                ("--engine torch bench continual --images synthetic --classes 4 --stages 2 --images-per-class 20 "
                                + "--memory 20 --recall 10 --width 4 --size 8 --json " + figures)
                        .split(" ", -1));

        JsonNode json = new ObjectMapper().readTree(figures.toFile());
        assertThat(json.get("engine").asText()).isEqualTo("torch");
        assertThat(json.get("train_images").asInt()).isEqualTo(4 * 20);
        assertThat(json.get("accuracy_matrix")).extracting(JsonNode::size).containsExactly(1, 2);
        assertThat(json.get("loss")).allMatch(loss -> loss.asDouble() > 0);
    }

    @Test
    void anEngineThatIsNotThereIsRefusedNamingThoseThatAre() throws Exception {
        for (String unknown : new String[] {"jax", "../lib", "--engine"}) {
            assertThat(refused(DEFAULT, "--engine", unknown, "topics", "list")).contains("dl4j torch");
        }
        assertThat(refused(Map.of("CONTRASTREAM_ENGINE", "jax"), "--help")).contains("'jax'", "dl4j torch");
    }

    @Test
    void aJobThatAsksForTheOtherEngineIsToldWhatToDo() throws Exception {
        assertThat(refused(
                        Map.of("CONTRASTREAM_ENGINE", "torch"),
                        "learn",
                        "--kafka.bootstrap-servers",
                        "localhost:1",
                        "--encoder.engine",
                        "dl4j"))
                .contains("asked for is dl4j", "class path is torch", "CONTRASTREAM_ENGINE=dl4j");
    }

    private String refused(Map<String, String> environment, String... arguments) throws Exception {
        try (ChildProcess script = Script.start(logs, environment, "contrastream", arguments)) {
            assertThat(script.exitCode(PATIENCE)).isPositive();
            return script.output();
        }
    }
}
