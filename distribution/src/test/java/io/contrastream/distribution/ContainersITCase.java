package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.testing.Folder;
import io.contrastream.testing.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;

/** Checks of the container files that need no container engine: that they agree with the folder, the POM and each other. */
final class ContainersITCase {

    private static final Path DOCKER = Folder.REPOSITORY.resolve("docker");

    private final String dockerfile = Files.readString(DOCKER.resolve("Dockerfile"));
    private final ComposeFile compose = ComposeFile.read();
    private final Map<String, Map<?, ?>> services = compose.services();

    ContainersITCase() throws IOException {}

    @Test
    void theImageHasTheVersionAndTheJavaOfTheBuild() {
        String version = Folder.property("contrastream.version");

        assertThat(dockerfile)
                .contains("ARG VERSION=" + version + "\n")
                .contains("-t contrastream:" + version + " ")
                .contains("FROM eclipse-temurin:" + Folder.property("contrastream.java.release") + "-jre\n");
        assertThat(services.values().stream()
                        .map(service -> service.get("image").toString()))
                .containsOnly(
                        "contrastream:" + version,
                        "apache/kafka:" + Folder.property("contrastream.kafka.version"),
                        "prom/prometheus:v3.5.0",
                        "grafana/grafana:12.1.0");
    }

    @Test
    void whatTheDockerfileCopiesIsThereAndLetThroughToIt() throws IOException {
        Matcher copy = Pattern.compile("(?m)^COPY (?:--\\S+ )*(\\S+) \\S+$").matcher(dockerfile);
        List<Path> sources = new ArrayList<>();
        while (copy.find()) {
            String source = copy.group(1).replace("${VERSION}", Folder.property("contrastream.version"));
            sources.add(Folder.REPOSITORY.resolve(source));
        }

        assertThat(sources).containsExactly(Folder.HOME);
        assertThat(Files.readAllLines(DOCKER.resolve("Dockerfile.dockerignore")))
                .startsWith("*", "!distribution/target/contrastream-*/");
    }

    @Test
    void theContainerDoesNotRunAsRoot() {
        assertThat(dockerfile).containsPattern("(?m)^USER contrastream$").containsPattern("useradd .*contrastream");
    }

    @Test
    void theImageForGpusIsTheOtherOneOnCuda() throws IOException {
        String cuda = Files.readString(DOCKER.resolve("Dockerfile.cuda"));

        assertThat(cuda)
                .contains("FROM nvidia/cuda:13.")
                .contains("openjdk-" + Folder.property("contrastream.java.release") + "-jre-headless")
                .contains("CONTRASTREAM_ENGINE=torch");
        // But for that, line by line.
        assertThat(cuda.lines().filter(line -> line.matches("(ARG|COPY|USER|WORKDIR|EXPOSE|CMD) .*")))
                .containsExactlyElementsOf(dockerfile
                        .lines()
                        .filter(line -> line.matches("(ARG|COPY|USER|WORKDIR|EXPOSE|CMD) .*"))
                        .toList());
    }

    @Test
    void oursWriteToMemoryAndVolumesAlone() {
        assertThat(compose.ours().values()).allSatisfy(service -> {
            assertThat(service.get("read_only")).isEqualTo(true);
            assertThat(service.get("tmpfs").toString()).contains("/tmp:exec", "/home/contrastream:exec");
        });
        assertThat(dockerfile).contains("CONTRASTREAM_LOG_DIR=/tmp/log");
    }

    @Test
    void filesThatServicesTakeFromTheRepositoryAreThere() {
        services.values().stream()
                .filter(service -> service.containsKey("volumes"))
                .flatMap(service -> ((List<?>) service.get("volumes")).stream())
                .map(volume -> volume.toString().split(":", -1)[0])
                .filter(source -> source.startsWith("."))
                .forEach(source -> assertThat(DOCKER.resolve(source)).exists());
    }

    @Test
    void everyCommandIsAScriptOfTheFolderAndEveryFileThatItNamesIsThere() {
        assertThat(compose.ours()).isNotEmpty();
        compose.ours().forEach((name, service) -> {
            List<String> command = List.of(service.get("command").toString().split("\\s+", -1));
            assertThat(Folder.HOME.resolve("bin").resolve(command.get(0)))
                    .as("command of %s", name)
                    .isExecutable();
            for (String word : command) {
                if (word.startsWith("/opt/contrastream/")) {
                    assertThat(Folder.HOME.resolve(word.substring("/opt/contrastream/".length())))
                            .exists();
                }
            }
            if (service.get("healthcheck") instanceof Map<?, ?> check) {
                List<?> test = (List<?>) check.get("test");
                assertThat(Folder.HOME.resolve("bin").resolve(test.get(1).toString()))
                        .isExecutable();
            }
        });
    }

    @Test
    void theCommandLineUnderstandsWhatItIsToldToDo() throws Exception {
        Path logs = Files.createDirectories(Path.of("target/container-logs").toAbsolutePath());
        for (Map<?, ?> service : compose.ours().values()) {
            List<String> command =
                    new ArrayList<>(List.of(service.get("command").toString().split("\\s+", -1)));
            if (command.remove("contrastream")) {
                // Help is shown only for arguments that are known.
                command.add("--help");
                assertThat(Script.run(Duration.ofMinutes(1), logs, "contrastream", command.toArray(String[]::new)))
                        .startsWith("Usage: contrastream " + command.get(0));
            } else if (command.remove("submit.sh")) {
                command.add("--help");
                assertThat(Script.run(Duration.ofMinutes(1), logs, "submit.sh", command.toArray(String[]::new)))
                        .startsWith("Usage: bin/submit.sh");
            }
        }
    }

    @Test
    void servicesWaitForServicesThatExistAndForWhatTheseCanTell() {
        services.forEach((name, service) -> {
            if (service.get("depends_on") instanceof Map<?, ?> dependencies) {
                dependencies.forEach((other, how) -> {
                    assertThat(services).as("dependencies of %s", name).containsKey(other.toString());
                    if (how.equals(Map.of("condition", "service_healthy"))) {
                        assertThat(services.get(other.toString()).get("healthcheck"))
                                .isNotNull();
                    }
                });
            }
        });
    }

    @Test
    void aContainerHasRoomForTheProcessThatFlinkSizes() throws IOException {
        Map<String, Object> flink = YamlFile.read(Folder.HOME.resolve("conf/config.yaml"));
        for (String process : List.of("jobmanager", "taskmanager")) {
            MemorySize size = MemorySize.parse(
                    YamlFile.at(flink, process, "memory", "process", "size").toString());
            MemorySize limit =
                    MemorySize.parse(services.get(process).get("mem_limit").toString());

            assertThat(limit).as(process).isGreaterThanOrEqualTo(size);
        }
    }

    @Test
    void portsAreOpenOnThisMachineOnly() {
        services.values().stream()
                .filter(service -> service.containsKey("ports"))
                .flatMap(service -> ((List<?>) service.get("ports")).stream())
                .forEach(port -> assertThat(port.toString()).startsWith("127.0.0.1:"));
    }
}
