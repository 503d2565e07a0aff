package io.contrastream.testing;

import io.contrastream.broker.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A real schema registry, Apicurio, in a process of its own, with its schemas in memory. Maven brings its archive of 109 MB when a test needs
 * it first: its parent POM is on no server, so that it cannot be a dependency.
 */
public final class RegistryProcess implements AutoCloseable {

    private static final String ARTIFACT = "io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all";
    private static final Duration ANSWERING = Duration.ofSeconds(5);

    private final int port = FreePort.find();
    private final HttpClient client = HttpClient.newHttpClient();
    private final ChildProcess process;

    /**
     * Starts one and returns when it answers.
     *
     * @param target folder of what the build makes; the registry is unpacked into it
     */
    public RegistryProcess(Path target) throws Exception {
        Path logs = target.resolve("registry-logs");
        process = ChildProcess.start(
                "registry",
                logs,
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx512m",
                        ChildProcess.BRIEF,
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-jar",
                        runner(target, logs).toString()));
        try {
            Await.until("the registry answers", () -> {
                if (!process.isAlive()) {
                    throw new AssertionError(process + " has ended: " + process.output());
                }
                return answers();
            });
        } catch (Exception | AssertionError e) {
            process.close();
            throw e;
        }
    }

    private static Path runner(Path target, Path logs) throws Exception {
        Path folder = target.resolve("registry");
        if (!Files.exists(folder)) {
            Path archive = target.resolve("registry-archive");
            String repository = System.getProperty("maven.repo.local");
            run(
                    logs,
                    Stream.of(
                                    Stream.of(
                                            "mvn",
                                            "-B",
                                            "-q",
                                            "-N",
                                            "-f",
                                            Path.of("..", "pom.xml").toString()),
                                    Stream.of(
                                            "dependency:copy",
                                            "-Dartifact=" + ARTIFACT,
                                            "-DoutputDirectory=" + archive.toAbsolutePath()),
                                    Stream.of("-Dmaven.repo.local=" + repository)
                                            .filter(any -> repository != null))
                            .flatMap(arguments -> arguments)
                            .toList());
            Path unpacked = Files.createDirectories(target.resolve("registry-unpacked"));
            run(logs, List.of("tar", "-xzf", only(archive, ".tar.gz").toString(), "-C", unpacked.toString()));
            // At once, so that one that was interrupted is not taken for whole.
            Files.move(unpacked, folder);
        }
        return only(folder, "-runner.jar");
    }

    private static void run(Path logs, List<String> command) throws Exception {
        try (ChildProcess process = ChildProcess.start(command.get(0), logs, Map.of(), command)) {
            if (process.exitCode(Await.PATIENCE) != 0) {
                throw new AssertionError(process + " has failed: " + process.output());
            }
        }
    }

    private static Path only(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            return get("/subjects").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Its address as Confluent's clients take it. */
    public String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    /** Asks it for something that is behind its address. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(url() + path))
                        .timeout(ANSWERING)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Ends it as {@code kill -9} does. */
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
