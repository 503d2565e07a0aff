package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.broker.FreePort;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.FlinkRest;
import io.contrastream.testing.Folder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The services of {@code docker/compose.yaml}, run as their containers would be: the user, the environment and the folders of the
 * Dockerfile, a root that is read only, no capabilities, a new file system for each. No container engine is needed, but root and mount
 * namespaces are. The network is this machine's, so ports are free ones and servers listen on the loopback interface.
 */
@Timeout(900)
final class EntryPointsITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Path logs = Path.of("target/entry-points-logs").toAbsolutePath();
    private final String dockerfile = Files.readString(Folder.REPOSITORY.resolve("docker/Dockerfile"));
    private final ComposeFile compose = ComposeFile.read();
    private final String user = found("--uid (\\d+)");
    private final String userName = found("(?m)^USER (\\S+)$");
    private final int rest = FreePort.find();
    private final int page = FreePort.find();
    private final Map<String, String> otherwise = new LinkedHashMap<>(Map.of(
            "jobmanager:8081",
            "jobmanager:" + rest,
            "8081",
            Integer.toString(rest),
            "8090",
            Integer.toString(page),
            "0.0.0.0",
            "localhost"));

    @TempDir
    private Path temporary;

    EntryPointsITCase() throws IOException {}

    @BeforeEach
    void requireNamespaces() throws Exception {
        Files.createDirectories(logs);
        assumeTrue(
                ends("namespaces", List.of("unshare", "--mount", "mount", "--make-rprivate", "/")) == 0
                        && ends("user", List.of("setpriv", "--reuid", user, "true")) == 0,
                "a file system and a user of its own for a process need root, unshare and setpriv");
        Files.createDirectories(temporary.resolve("state"));
        assertThat(ends(
                        "owner",
                        List.of("chown", user + ":" + user, volume("state").toString())))
                .isZero();
    }

    private int ends(String name, List<String> command) throws Exception {
        try (ChildProcess process = ChildProcess.start(name, logs, Map.of(), command)) {
            return process.exitCode(PATIENCE);
        } catch (IOException notThere) {
            return -1;
        }
    }

    @Test
    void servicesStartAsTheirContainersWouldAndAreHealthy() throws Exception {
        String rpc = Integer.toString(FreePort.find());
        List<String> settings = List.of(
                "-D",
                "rest.port=" + rest,
                "-D",
                "jobmanager.rpc.port=" + rpc,
                "-D",
                "metrics.reporter.prometheus.port=0",
                "-D",
                "env.java.opts.jobmanager=" + ChildProcess.BRIEF,
                "-D",
                "env.java.opts.taskmanager=-Djava.awt.headless=true " + ChildProcess.BRIEF);
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            otherwise.put("kafka:9092", broker.bootstrapServers());
            runs("topics");
            try (ChildProcess jobManager = start("jobmanager", settings);
                    ChildProcess dashboard = start("dashboard", List.of("--port", Integer.toString(page)))) {
                awaitHealthy("jobmanager", jobManager);
                try (ChildProcess taskManager = start("taskmanager", settings)) {
                    awaitHealthy("taskmanager", taskManager);
                    awaitHealthy("dashboard", dashboard);
                    assertThat(dashboard.output())
                            .contains("?token="
                                    + Files.readString(volume("state/dashboard-token"))
                                            .strip());
                    requireBothJobsWork(taskManager);
                }
            }
        }
    }

    /** Images are learned, a release comes of them, and queries are answered by it. */
    private void requireBothJobsWork(ChildProcess taskManager) throws Exception {
        FlinkRest flink = new FlinkRest(rest);
        try (ChildProcess images = start("producer", List.of());
                ChildProcess queries = start("queries", List.of())) {
            String learning = FlinkCluster.submitted(runs(
                    "learning-job",
                    "--encoder.width",
                    "4",
                    "--encoder.threads",
                    "1",
                    "--learner.recall-size",
                    "10",
                    "--job.checkpoint-interval",
                    "1 s",
                    "--release.every",
                    "1 s"));
            Await.until("there is a release to embed with", PATIENCE, () -> {
                requireAlive(images, taskManager);
                return flink.metric(learning, "learn", "learn", "releasedVersion") > 0;
            });
            String embedding = FlinkCluster.submitted(runs("embedding-job"));
            Await.until("queries are answered", PATIENCE, () -> {
                requireAlive(images, queries, taskManager);
                return flink.metric(embedding, "embed", "embed", "imagesEmbedded") > 0;
            });
            requireContained(taskManager);
            flink.cancel(embedding);
            flink.cancel(learning);
        }
    }

    private static void requireAlive(ChildProcess... processes) {
        assertThat(processes)
                .allSatisfy(process -> assertThat(process.isAlive())
                        .as(() -> process + ": " + output(process))
                        .isTrue());
    }

    private static int owner(Path file) {
        try {
            return (int) Files.getAttribute(file, "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It has unpacked native libraries where it may, and can do nothing that its container could not. */
    private void requireContained(ChildProcess process) throws IOException {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try (Stream<Path> home = Files.list(proc.resolve("root/home/contrastream"))) {
            assertThat(home).isNotEmpty();
        }
        assertThat(Files.readAllLines(proc.resolve("status")))
                .contains("Uid:\t9999\t9999\t9999\t9999", "NoNewPrivs:\t1", "CapBnd:\t0000000000000000");
        assertThat(Files.readString(proc.resolve("mountinfo")))
                .containsPattern("(?m) / / ro[, ]")
                .containsPattern("(?m) /opt/contrastream ro[, ]");
        // Commands run outside of containers write their logs into the folder.
        Path log = proc.resolve("root/opt/contrastream/log");
        if (Files.exists(log)) {
            try (Stream<Path> files = Files.list(log)) {
                assertThat(files).noneMatch(file -> owner(file) == Integer.parseInt(user));
            }
        }
    }

    /** Runs a service to its end, which must be a good one. */
    private String runs(String service, String... more) throws Exception {
        try (ChildProcess process = start(service, List.of(more))) {
            assertThat(process.exitCode(PATIENCE))
                    .as(() -> service + ": " + output(process))
                    .isZero();
            return process.output();
        }
    }

    private static String output(ChildProcess process) {
        try {
            return process.output();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Returns when the health check of a service passes. */
    private void awaitHealthy(String service, ChildProcess process) throws Exception {
        List<?> check = (List<?>) YamlFile.at(compose.services().get(service), "healthcheck", "test");
        assertThat(check.get(0)).isEqualTo("CMD");
        List<String> command = words(check.subList(1, check.size()).stream().map(Object::toString));
        Await.until(service + " is healthy", PATIENCE, () -> {
            requireAlive(process);
            try (ChildProcess health = contained("healthy", compose.services().get(service), command)) {
                return health.exitCode(PATIENCE) == 0;
            }
        });
    }

    private ChildProcess start(String service, List<String> more) throws IOException {
        Map<?, ?> description = compose.ours().get(service);
        List<String> command =
                words(Stream.of(description.get("command").toString().split("\\s+", -1)));
        command.addAll(more);
        return contained(service, description, command);
    }

    private ChildProcess contained(String name, Map<?, ?> service, List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                Path.of("src/test/resources/container.sh").toAbsolutePath().toString(),
                user,
                userName,
                Folder.HOME.toRealPath().toString(),
                Path.of(System.getProperty("java.home")).toRealPath().toString(),
                String.join(",", compose.services().keySet())));
        assertThat(service.get("read_only")).isEqualTo(true);
        ((List<?>) service.get("tmpfs")).forEach(mount -> all.add("tmpfs:" + mount));
        if (service.get("volumes") instanceof List<?> volumes) {
            volumes.forEach(mount -> {
                String[] parts = mount.toString().split(":", -1);
                all.add("volume:" + volume(parts[0]) + ":" + parts[1]);
            });
        }
        all.add("--");
        for (String variable : found("(?m)^ENV (.*)$").split(" ", -1)) {
            all.add(variable.replace(
                    "$PATH", "/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        }
        ((Map<?, ?>) service.get("environment"))
                .forEach((key, value) -> all.add(key + "=" + value.toString().replaceFirst("\\$\\{\\w+:-(.*)}", "$1")));
        all.add("CONTRASTREAM_JAVA_OPTS=" + ChildProcess.BRIEF);
        all.add("--");
        all.addAll(command);
        return ChildProcess.start(name, logs, Map.of(), all);
    }

    private Path volume(String name) {
        return temporary.resolve(name);
    }

    private List<String> words(Stream<String> command) {
        return new ArrayList<>(command.map(word -> {
                    int value = word.indexOf('=') + 1;
                    return word.substring(0, value)
                            + otherwise.getOrDefault(word.substring(value), word.substring(value));
                })
                .toList());
    }

    private String found(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(dockerfile);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
