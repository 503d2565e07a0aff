package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.FlinkRest;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that speaks TLS only with those who know a password, where those passwords turn up, and who listens on what. */
final class SecurityITCase {

    private static final String PASSWORD = "pw-of-the-learner-81f3";
    private static final String TRUST_PASSWORD = "pw-of-the-trust-store-5c20";
    private static final String KEY_PASSWORD = "pw-of-the-key-store-77aa";
    private static final String MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule required username=";
    private static final String TASK_MANAGER = "secure";
    private static final int IMAGES = 20;

    private final Path logs = Path.of("target/security-logs").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    @Timeout(600)
    void aJobReachesABrokerByTlsAndPasswordAndNoSecretIsSeenAnywhere() throws Exception {
        certificates();
        try (KafkaProcess kafka = new KafkaProcess(folder, logs, brokerSettings());
                FlinkCluster cluster = new FlinkCluster(logs, "dl4j")) {
            cluster.startJobManager();
            cluster.startTaskManager(TASK_MANAGER);
            createTopics(kafka.bootstrapServers());
            cluster.awaitReady();
            Path checkpoints = Files.createDirectories(folder.resolve("checkpoints"));
            String job = cluster.submit(
                    checkpoints, List.of("--config", jobOptions(kafka).toString()));
            send(kafka);
            awaitEmbeddings(kafka);
            Await.until("a checkpoint", () -> completed(cluster.rest(), job) >= 2);

            assertThat(cluster.rest().restarts(job)).isZero();
            Map<String, String> shown = shown(cluster.rest(), job);
            assertThat(shown.get("jobs/" + job + "/config")).contains("execution-config");
            shown.forEach((page, text) -> requireNoSecret(page, text));
            for (ConsumerRecord<byte[], byte[]> record : published(kafka)) {
                requireNoSecret(record.topic(), new String(record.value(), StandardCharsets.ISO_8859_1));
            }

            requireLoopback("JobManager", cluster.jobManager());
            requireLoopback("TaskManager", cluster.taskManager(TASK_MANAGER));

            // From now on no checkpoint takes the place of the last one.
            cluster.rest().cancel(job);
            Map<Path, String> written = written(logs, checkpoints);
            written.forEach((file, text) -> requireNoSecret(file.toString(), text));
            // What is looked through is where a secret would be: what the job itself writes is there.
            assertThat(written.values()).anyMatch(text -> text.contains("Learning starts: "));
            assertThat(written.keySet()).anyMatch(file -> file.startsWith(checkpoints) && file.endsWith("_metadata"));
        }
    }

    @Test
    @Timeout(600)
    void theDemoListensOnTheLoopbackInterfaceAlone() throws Exception {
        try (ChildProcess demo = Script.start(logs, "contrastream", "demo", "--limit", "2000")) {
            Await.until("learned images", () -> demo.output().contains("Learning: "));

            requireLoopback("demo", demo);
        }
    }

    private static void requireNoSecret(String where, String text) {
        assertThat(text.contains(PASSWORD) || text.contains(TRUST_PASSWORD) || text.contains(KEY_PASSWORD))
                .as("a secret in %s", where)
                .isFalse();
    }

    private static void requireLoopback(String what, ChildProcess process) throws IOException {
        assertThat(Listeners.of(process.pid()))
                .as("addresses that the %s listens on", what)
                .isNotEmpty()
                .allMatch(Listeners::isLoopback);
    }

    /** A key with its certificate for the broker, and a store that trusts it for the clients. */
    private void certificates() throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=IP:127.0.0.1,DNS:localhost",
                "-keystore",
                keyStore(),
                "-storepass",
                KEY_PASSWORD);
        String certificate = folder.resolve("broker.pem").toString();
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "broker",
                "-file",
                certificate,
                "-keystore",
                keyStore(),
                "-storepass",
                KEY_PASSWORD);
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                "broker",
                "-file",
                certificate,
                "-keystore",
                trustStore(),
                "-storepass",
                TRUST_PASSWORD);
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as("exit status of keytool").isZero();
    }

    private String keyStore() {
        return folder.resolve("broker.p12").toString();
    }

    private String trustStore() {
        return folder.resolve("trust.p12").toString();
    }

    private Map<String, String> brokerSettings() {
        String users = MODULE + "\"broker\" password=\"" + KEY_PASSWORD + "\" user_broker=\"" + KEY_PASSWORD
                + "\" user_learner=\"" + PASSWORD + "\";";
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("listener.security.protocol.map", "PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("sasl.enabled.mechanisms", "PLAIN");
        settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        settings.put("listener.name.plaintext.plain.sasl.jaas.config", users);
        settings.put("ssl.keystore.location", keyStore());
        settings.put("ssl.keystore.password", KEY_PASSWORD);
        settings.put("ssl.truststore.location", trustStore());
        settings.put("ssl.truststore.password", TRUST_PASSWORD);
        return settings;
    }

    /** How a client gets in. */
    private Map<String, String> clientSettings(String password) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", "PLAIN");
        settings.put("sasl.jaas.config", MODULE + "\"learner\" password=\"" + password + "\";");
        settings.put("ssl.truststore.location", trustStore());
        settings.put("ssl.truststore.password", TRUST_PASSWORD);
        return settings;
    }

    /** With the password from an environment variable. */
    private void createTopics(String bootstrapServers) throws Exception {
        Map<String, String> settings = clientSettings("${env:LEARNER_PASSWORD}");
        settings.put("config.providers", "env");
        settings.put("config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
        StringBuilder lines = new StringBuilder();
        settings.forEach(
                (key, value) -> lines.append(key).append('=').append(value).append('\n'));
        Path file = Files.writeString(folder.resolve("client.properties"), lines);
        String[] arguments = {
            "topics", "create", "--bootstrap-servers", bootstrapServers, "--kafka-config", file.toString()
        };
        try (ChildProcess command =
                Script.start(logs, Map.of("LEARNER_PASSWORD", PASSWORD), "contrastream", arguments)) {
            assertThat(command.exitCode(Await.PATIENCE)).as(command.output()).isZero();
        }
        try (ChildProcess command =
                Script.start(logs, Map.of("LEARNER_PASSWORD", "wrong"), "contrastream", arguments)) {
            assertThat(command.exitCode(Await.PATIENCE)).isNotZero();
            assertThat(command.output()).contains("Authentication failed");
        }
    }

    /** With the password from a file of its own, and that of the trust store as it is. */
    private Path jobOptions(KafkaProcess kafka) throws IOException {
        Path secrets = Files.writeString(folder.resolve("secrets.properties"), "password=" + PASSWORD + "\n");
        Map<String, String> settings = clientSettings("${file:" + secrets + ":password}");
        settings.put("config.providers", "file");
        settings.put("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider");
        StringBuilder lines = new StringBuilder();
        settings.forEach((key, value) -> lines.append("kafka.properties.")
                .append(key)
                .append(": '")
                .append(value)
                .append("'\n"));
        Map<String, String> options = Map.of(
                "kafka.bootstrap-servers", kafka.bootstrapServers(),
                "kafka.delivery-guarantee", "exactly-once",
                "job.checkpoint-interval", "1 s",
                "encoder.width", "2",
                "encoder.threads", "1",
                "learner.recall-size", "4",
                "learner.flush-interval", "500 ms");
        options.forEach(
                (key, value) -> lines.append(key).append(": '").append(value).append("'\n"));
        return Files.writeString(folder.resolve("job.yaml"), lines);
    }

    private void send(KafkaProcess kafka) throws Exception {
        String[] arguments = {
            "produce",
            "--images",
            "synthetic",
            "--classes",
            "4",
            "--limit",
            Integer.toString(IMAGES),
            "--bootstrap-servers",
            kafka.bootstrapServers(),
            "--kafka-config",
            folder.resolve("client.properties").toString()
        };
        try (ChildProcess command =
                Script.start(logs, Map.of("LEARNER_PASSWORD", PASSWORD), "contrastream", arguments)) {
            assertThat(command.exitCode(Await.PATIENCE)).as(command.output()).isZero();
        }
    }

    private void awaitEmbeddings(KafkaProcess kafka) throws Exception {
        try (TopicReader reader = new TopicReader(
                kafka.bootstrapServers(), clientSettings(PASSWORD), List.of(Topic.EMBEDDINGS.id()), true)) {
            TreeSet<String> ids = new TreeSet<>();
            Await.until(IMAGES + " images are learned", () -> {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(200))) {
                    ids.add(SingleObject.decode(record.value(), Embedding.class).getId());
                }
                return ids.size() >= IMAGES;
            });
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> published(KafkaProcess kafka) {
        try (TopicReader reader = new TopicReader(
                kafka.bootstrapServers(),
                clientSettings(PASSWORD),
                List.of(Topic.EMBEDDINGS.id(), Topic.PROTOTYPES.id(), Topic.LEARNING_REPORTS.id()),
                true)) {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            var ends = reader.ends();
            while (!reader.reached(ends)) {
                records.addAll(reader.poll(Duration.ofMillis(200)));
            }
            return records;
        }
    }

    private static long completed(FlinkRest rest, String job) throws Exception {
        return rest.get("jobs/" + job + "/checkpoints").at("/counts/completed").asLong();
    }

    /** Every page of the web interface about the job and the cluster. */
    private static Map<String, String> shown(FlinkRest rest, String job) throws Exception {
        List<String> pages = new ArrayList<>(List.of(
                "jobs/" + job,
                "jobs/" + job + "/config",
                "jobs/" + job + "/plan",
                "jobs/" + job + "/exceptions",
                "jobs/" + job + "/checkpoints",
                "jobs/" + job + "/checkpoints/config",
                "jobs/" + job + "/accumulators",
                "jobs/" + job + "/metrics",
                "jobs/" + job + "/jobmanager/config",
                "jobs/" + job + "/jobmanager/environment",
                "jobmanager/config",
                "jobmanager/environment",
                "jobmanager/logs",
                "taskmanagers/" + TASK_MANAGER,
                "taskmanagers/" + TASK_MANAGER + "/logs"));
        for (JsonNode vertex : rest.get("jobs/" + job).get("vertices")) {
            pages.add("jobs/" + job + "/vertices/" + vertex.get("id").asText());
        }
        Map<String, String> shown = new LinkedHashMap<>();
        for (String page : pages) {
            shown.put(page, rest.get(page).toString());
        }
        return shown;
    }

    /** Contents of all files. A checkpoint before the last one may be deleted while they are looked for. */
    private static Map<Path, String> written(Path... folders) throws IOException {
        Map<Path, String> contents = new LinkedHashMap<>();
        for (Path folder : folders) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    try {
                        contents.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
                    } catch (NoSuchFileException deleted) {
                        // Nobody can read it any more.
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }
            });
        }
        return contents;
    }
}
