package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.broker.FreePort;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both jobs on a cluster of the folder, looked at by a real Prometheus: what docs/metrics.md, the alerts and the dashboards name is there,
 * every expression can be evaluated, and nothing fires. It needs Prometheus on the path, or unpacked by {@code .ci/prometheus}.
 */
@Timeout(600)
final class PrometheusITCase {

    private static final Path DOCKER = Folder.REPOSITORY.resolve("docker");
    private static final Pattern METRIC = Pattern.compile("\\bflink_\\w+");

    private final Path logs = Path.of("target/prometheus-logs").toAbsolutePath();
    private final HttpClient client = HttpClient.newHttpClient();

    private int port;

    @TempDir
    private Path temporary;

    @BeforeEach
    void requirePrometheus() throws IOException {
        Files.createDirectories(logs);
        port = FreePort.find();
        assumeTrue(tool("prometheus") != null, "Prometheus is not on the path; .ci/prometheus unpacks it");
    }

    private static Path tool(String name) {
        List<Path> folders = new ArrayList<>(List.of(Folder.REPOSITORY.resolve("target/prometheus/usr/bin")));
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            folders.add(Path.of(folder));
        }
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    @Test
    void everyAlertFiresOnceAndNotInHealth() throws Exception {
        String file = DOCKER.resolve("prometheus/alerts-test.yaml").toString();
        try (ChildProcess promtool = ChildProcess.start(
                "promtool", logs, Map.of(), List.of(tool("promtool").toString(), "test", "rules", file))) {
            assertThat(promtool.exitCode(Duration.ofMinutes(2)))
                    .as(promtool.output())
                    .isZero();
        }
        String tests = Files.readString(Path.of(file));
        for (Map<?, ?> rule : rules()) {
            String name = rule.get("alert").toString();
            assertThat(tests).containsPattern("alertname: " + name + "\n        exp_alerts: \\[]");
            assertThat(tests).containsPattern("alertname: " + name + "\n        exp_alerts:\n");
        }
    }

    @Test
    void whatIsWrittenOfMetricsIsThereInAJobAndNothingFiresInHealth() throws Exception {
        int jobManager = FreePort.find();
        int taskManager = FreePort.find();
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FlinkCluster cluster = new FlinkCluster(
                        logs,
                        "dl4j",
                        "metrics.reporter.prometheus.factory.class=org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
                        "metrics.reporter.prometheus.port=" + jobManager + "," + taskManager)) {
            try (Topics topics = new Topics(broker.bootstrapServers(), Map.of())) {
                topics.create(new TopicLayout(
                        TopicLayout.usualNames(EnumSet.allOf(Topic.class)), 1, TopicLayout.CLUSTER_DEFAULT));
            }
            cluster.startJobManager();
            cluster.startTaskManager("one");
            cluster.awaitReady();
            // Labels by themselves, so that the metrics of their join are there too.
            try (ChildProcess images = produce(broker, "--queries", "--topic", "images");
                    ChildProcess labels = produce(broker, "--labels");
                    ChildProcess prometheus = prometheus(List.of(jobManager, taskManager))) {
                learn(cluster, broker);
                try (ChildProcess queries = produce(broker, "--queries")) {
                    embed(cluster, broker);
                    Await.until("every expression of the dashboards has a value", () -> {
                        assertThat(List.of(images, labels, queries, prometheus))
                                .allSatisfy(process -> assertThat(process.isAlive())
                                        .as(process + ": " + process.output())
                                        .isTrue());
                        return without(dashboards()).isEmpty();
                    });
                }
                requireMetrics();
                requireNothingFires();
            }
        }
    }

    private ChildProcess produce(EmbeddedBroker broker, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "produce",
                "--images",
                "synthetic",
                "--classes",
                "4",
                // More than six minutes, if all is slow.
                "--rate",
                "10",
                "--bootstrap-servers",
                broker.bootstrapServers()));
        arguments.addAll(List.of(more));
        return Script.start(logs, "contrastream", arguments.toArray(String[]::new));
    }

    private void learn(FlinkCluster cluster, EmbeddedBroker broker) throws Exception {
        Path checkpoints = Files.createDirectories(temporary.resolve("checkpoints"));
        cluster.submit(
                checkpoints,
                List.of(
                        "--kafka.bootstrap-servers",
                        broker.bootstrapServers(),
                        "--kafka.topic.images",
                        "images",
                        "--kafka.topic.labels",
                        "labels",
                        "--job.checkpoint-interval",
                        "1 s",
                        "--encoder.width",
                        "4",
                        "--encoder.threads",
                        "1",
                        "--learner.recall-size",
                        "10",
                        "--learner.refresh-steps",
                        "4",
                        "--release.directory",
                        temporary.resolve("releases").toUri().toString(),
                        "--release.every-steps",
                        "4",
                        "--release.max-accuracy-loss",
                        "1.0"));
        Await.until("there is a release", () -> {
            JsonNode versions = query("flink_taskmanager_job_task_operator_releasedVersion > 0");
            return !versions.isEmpty();
        });
    }

    private void embed(FlinkCluster cluster, EmbeddedBroker broker) throws Exception {
        Script.run(
                Await.PATIENCE,
                logs,
                "flink",
                "run",
                "-d",
                "-m",
                "localhost:" + cluster.restPort(),
                "-c",
                "io.contrastream.jobs.embedding.EmbeddingJob",
                Folder.JOB_JAR.toString(),
                "--kafka.bootstrap-servers",
                broker.bootstrapServers(),
                "--job.checkpoint-directory",
                temporary.resolve("embedding-checkpoints").toUri().toString(),
                "--job.checkpoint-interval",
                "1 s");
    }

    private ChildProcess prometheus(List<Integer> targets) throws Exception {
        Path configuration = temporary.resolve("prometheus.yaml");
        Files.writeString(configuration, """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [%s]
                scrape_configs:
                  - job_name: flink
                    static_configs:
                      - targets: [%s]
                """.formatted(
                        DOCKER.resolve("prometheus/alerts.yaml"),
                        targets.stream().map(target -> "localhost:" + target).collect(Collectors.joining(", "))));
        ChildProcess prometheus = ChildProcess.start(
                "prometheus",
                logs,
                Map.of(),
                List.of(
                        tool("prometheus").toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + temporary.resolve("series"),
                        "--web.listen-address=127.0.0.1:" + port));
        Await.until("Prometheus answers", () -> {
            try {
                return query("vector(1)").size() == 1;
            } catch (IOException notYet) {
                return false;
            }
        });
        return prometheus;
    }

    /** Those of some expressions that have no value. */
    private List<String> without(List<String> expressions) throws Exception {
        List<String> without = new ArrayList<>();
        for (String expression : expressions) {
            if (query(expression).isEmpty()) {
                without.add(expression);
            }
        }
        return without;
    }

    private void requireMetrics() throws Exception {
        Set<String> known = new TreeSet<>();
        get("label/__name__/values").forEach(name -> known.add(name.asText()));
        assertThat(known)
                .containsAll(names(Files.readString(Folder.REPOSITORY.resolve("docs/metrics.md"))))
                .containsAll(names(String.join(" ", dashboards())));
        for (Map<?, ?> rule : rules()) {
            String expression = rule.get("expr").toString();
            assertThat(known).containsAll(names(expression));
            query(expression); // It can be evaluated.
        }
    }

    private void requireNothingFires() throws Exception {
        JsonNode alerts = get("alerts").get("alerts");
        List<String> firing = new ArrayList<>();
        alerts.forEach(alert -> {
            if (alert.get("state").asText().equals("firing")) {
                firing.add(alert.toString());
            }
        });
        assertThat(firing).isEmpty();
        assertThat(get("rules").toString()).contains("NoCheckpoint").doesNotContain("\"health\":\"err\"");
    }

    private static Set<String> names(String text) {
        return METRIC.matcher(text)
                .results()
                .map(found -> found.group())
                // In the text about Flink's reporter.
                .filter(name -> !name.endsWith("_"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Map<?, ?>> rules() throws IOException {
        List<Map<?, ?>> rules = new ArrayList<>();
        List<?> groups = (List<?>) YamlFile.at(YamlFile.read(DOCKER.resolve("prometheus/alerts.yaml")), "groups");
        for (Object group : groups) {
            ((List<?>) YamlFile.at(group, "rules")).forEach(rule -> rules.add((Map<?, ?>) rule));
        }
        return rules;
    }

    /** Their expressions, for all jobs. */
    private static List<String> dashboards() throws IOException {
        List<String> expressions = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(DOCKER.resolve("grafana/dashboards"), "*.json")) {
            for (Path file : files) {
                new ObjectMapper().readTree(file.toFile()).findValues("expr").forEach(expression -> {
                    String text = expression.asText();
                    expressions.add(text.replace("$__rate_interval", "10s").replace("$job", ".*"));
                });
            }
        }
        assertThat(expressions).hasSizeGreaterThan(30);
        // An annotation is there when a release is.
        expressions.removeIf(expression -> expression.startsWith("changes("));
        return expressions;
    }

    private JsonNode query(String expression) throws Exception {
        return get("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .get("result");
    }

    private JsonNode get(String path) throws Exception {
        String body = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        JsonNode answer = new ObjectMapper().readTree(body);
        assertThat(answer.get("status").asText()).as(path + ": " + body).isEqualTo("success");
        return answer.get("data");
    }
}
