package io.contrastream.operators;

import io.contrastream.operators.decode.DecodeMetrics;
import io.contrastream.operators.embed.EmbedMetrics;
import io.contrastream.operators.join.JoinMetrics;
import io.contrastream.operators.release.ReleaseMetrics;
import io.contrastream.operators.replica.ReplicaMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;

/**
 * Writes down all metrics: what a class registers, and what the Javadoc of its names says of them.
 *
 * @param sources folder of the classes
 */
record MetricsReference(Path sources) {

    /** As Flink's reporter for Prometheus calls what an operator registers. */
    private static final String PREFIX = "flink_taskmanager_job_task_operator_";

    private static final Pattern CONSTANT = Pattern.compile(
            "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*public static final String \\w+ =\\s*\"(\\w+)\";", Pattern.DOTALL);

    private static final List<Section> SECTIONS = List.of(
            new Section(
                    "Decoding",
                    "Operator `decode` of both jobs, and `read-images` and `read-labels` of a learning job that has a"
                            + " `kafka.topic.labels`, every parallel instance.",
                    DecodeMetrics.class,
                    DecodeMetrics::new),
            new Section(
                    "Joining labels",
                    "Operator `join-labels` of a learning job that has a `kafka.topic.labels`, every parallel"
                            + " instance.",
                    JoinMetrics.class,
                    JoinMetrics::new),
            new Section(
                    "Learning",
                    "Operator `learn` of the learning job. What a report says is here too.",
                    LearnerMetrics.class,
                    group -> new LearnerMetrics(group, 1)),
            new Section(
                    "Several learners",
                    "Operators `learn` and `replicas` of the learning job, for each learner.",
                    ReplicaMetrics.class,
                    group -> new ReplicaMetrics(group, 0)),
            new Section(
                    "Releasing",
                    "Operator `learn` of a learning job that has a `release.directory`.",
                    ReleaseMetrics.class,
                    ReleaseMetrics::new),
            new Section(
                    "Embedding",
                    "Operator `embed` of the embedding job, every parallel instance.",
                    EmbedMetrics.class,
                    EmbedMetrics::new),
            new Section(
                    "Memory of the process",
                    "Operators `learn` and `embed`.",
                    ProcessMemory.class,
                    group -> ProcessMemory.register(group, 1)));

    /** Of Flink's own, those that dashboards and alerts of docker/ are made of. */
    private static final Map<String, String> FLINK = new TreeMap<>(Map.ofEntries(
            Map.entry("flink_jobmanager_job_lastCompletedCheckpointId", "Number of the newest complete checkpoint."),
            Map.entry(
                    "flink_jobmanager_job_lastCheckpointDuration",
                    "Time that the newest checkpoint took, in milliseconds."),
            Map.entry("flink_jobmanager_job_lastCheckpointFullSize", "Bytes of the newest checkpoint."),
            Map.entry("flink_jobmanager_job_numberOfFailedCheckpoints", "Checkpoints that failed."),
            Map.entry("flink_jobmanager_job_numRestarts", "Restarts of the job since it was submitted."),
            Map.entry(
                    "flink_jobmanager_job_runningTime", "Time since the job runs, in milliseconds; 0 if it does not."),
            Map.entry("flink_jobmanager_numRegisteredTaskManagers", "TaskManagers that the JobManager knows."),
            Map.entry("flink_taskmanager_Status_JVM_Memory_Heap_Used", "Bytes of the Java heap that are used."),
            Map.entry("flink_taskmanager_Status_JVM_Memory_Heap_Max", "Bytes of the Java heap at most."),
            Map.entry(
                    "flink_taskmanager_Status_JVM_CPU_Load",
                    "Share of the machine's processors that the process uses."),
            Map.entry("flink_taskmanager_job_task_busyTimeMsPerSecond", "Milliseconds of a second that a task works."),
            Map.entry(
                    "flink_taskmanager_job_task_backPressuredTimeMsPerSecond",
                    "Milliseconds of a second that a task waits for the one after it."),
            Map.entry(
                    "flink_taskmanager_job_task_operator_pendingRecords",
                    "Lag: records of the source's topic that it has not read.")));

    private record Section(String title, String where, Class<?> owner, Consumer<MetricGroup> register) {}

    /** Contents of {@code docs/metrics.md}. */
    String markdown() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Metrics

                Generated from the classes that own the metrics; do not edit. `MetricsReferenceTest` says how to generate it anew.

                Names do not change: dashboards and alerts refer to them. The first column is the name in Flink, the second what
                Flink's reporter makes of it for Prometheus (`metrics.reporter.prometheus.factory.class:
                org.apache.flink.metrics.prometheus.PrometheusReporterFactory`), with the labels `job_name`, `operator_name`,
                `subtask_index`, `tm_id`, `host` and the ids of job, task and operator. A counter counts since the task's start, so it
                begins at 0 after a restart; a histogram is a series for each of the quantiles 0.5, 0.75, 0.95, 0.98, 0.99 and
                0.999 (label `quantile`), and one that ends in `_count`. `docker/prometheus` has alert rules and `docker/grafana`
                dashboards that are made of them.
                """);
        for (Section section : SECTIONS) {
            page.append("\n## ").append(section.title()).append("\n\n");
            page.append(section.where())
                    .append(" Class `")
                    .append(section.owner().getSimpleName())
                    .append("`.\n\n");
            page.append("| metric | for Prometheus | kind | meaning |\n|---|---|---|---|\n");
            rows(section).forEach(page::append);
        }
        page.append("""

                ## Of Flink

                Flink has [many more](https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/ops/metrics/). Alerts and
                dashboards are made of these.

                | for Prometheus | meaning |
                |---|---|
                """);
        FLINK.forEach((name, meaning) ->
                page.append("| `").append(name).append("` | ").append(meaning).append(" |\n"));
        return page.toString();
    }

    private List<String> rows(Section section) throws IOException {
        RecordedMetrics recorded = new RecordedMetrics();
        section.register().accept(recorded);
        Map<String, Metric> registered = new TreeMap<>();
        // Of a metric in groups, such as one for each reason, once.
        recorded.metrics().forEach((name, metric) -> registered.putIfAbsent(grouped(name), metric));
        Map<String, String> meanings = meanings(section.owner());
        for (String name : registered.keySet()) {
            if (!meanings.containsKey(name.replaceFirst(".*\\.", ""))) {
                throw new IllegalStateException(
                        section.owner() + " registers '" + name + "', but no constant has that name");
            }
        }
        return meanings.keySet().stream()
                .flatMap(name -> registered.keySet().stream()
                        .filter(full -> full.equals(name) || full.endsWith("." + name))
                        .map(full -> row(full, registered.get(full), meanings.get(name))))
                .toList();
    }

    /** Without the value of a group. */
    private static String grouped(String name) {
        return name.replaceFirst("^(\\w+)\\.[^.]+\\.", "$1.");
    }

    private static String row(String name, Metric metric, String meaning) {
        int dot = name.indexOf('.');
        String label = dot < 0 ? "" : ", with the label `" + name.substring(0, dot) + "`";
        return "| `%s` | `%s%s`%s | %s | %s |\n"
                .formatted(name.substring(dot + 1), PREFIX, name.replace('.', '_'), label, kind(metric), meaning);
    }

    private static String kind(Metric metric) {
        return metric instanceof Counter
                ? "counter"
                : metric instanceof Meter ? "rate" : metric instanceof Histogram ? "histogram" : "gauge";
    }

    /** By the name of the metric, in the order of the constants. */
    private Map<String, String> meanings(Class<?> owner) throws IOException {
        Path source = sources.resolve(owner.getName().replace('.', '/') + ".java");
        Map<String, String> meanings = new LinkedHashMap<>();
        Matcher constant = CONSTANT.matcher(Files.readString(source));
        while (constant.find()) {
            String text = constant.group(1)
                    .replaceAll("\\n\\s*\\*", "\n")
                    .replaceAll("\\{@code ([^}]*)}", "`$1`")
                    .replaceAll("\\s+", " ")
                    .strip();
            meanings.put(constant.group(2), text);
        }
        return meanings;
    }
}
