package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.Folder;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line where the locale knows ASCII only, as in most containers. */
final class LocaleITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<String, String> ASCII = Map.of("LC_ALL", "C", "LANG", "C");

    /** A Chinese dog and cat, French with and without a composed accent, a smiling face. */
    private static final Set<String> LABELS =
            Set.of("\u72ac", "\u732b", "ca\u00f1\u00f3n", "can\u0303o\u0301n", "\uD83D\uDE00 face");

    private static final String DOG = "\u72ac";
    private static final String GROUP = "gr\u00fcpp\u00e9-\u732b";
    private static final String PLACE = "50% St\u00e4nde-\u732b";

    private static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

    @TempDir
    private Path folder;

    @Test
    void labelsIdsOptionsOutputAndLogsAreInUtf8OnTheWayInAndOut() throws Exception {
        Path image = folder.resolve("1.png");
        Files.write(image, Base64.getDecoder().decode(PNG));
        makeFolders(image);
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            run(broker, "topics", "create", "--partitions", "1");

            assertThat(run(broker, "produce", "--images", "folder:" + folder.resolve("images")))
                    .contains("sent 5 images of 5 classes");

            List<JsonNode> records = new ArrayList<>();
            for (String line : run(broker, "tail", "labelled-images", "--from-beginning", "--to-end", "--brief")
                    .lines()
                    .filter(line -> line.startsWith("{"))
                    .toList()) {
                records.add(new ObjectMapper().readTree(line).get("value"));
            }
            assertThat(texts(records, "label")).isEqualTo(LABELS);
            assertThat(texts(records, "id"))
                    .isEqualTo(LABELS.stream().map(label -> label + "/1.png").collect(Collectors.toSet()));
            learnAndForget(broker);
        }
    }

    private void learnAndForget(EmbeddedBroker broker) throws Exception {
        byte[] options = """
                kafka.bootstrap-servers: '%s'
                kafka.group-id: '%s'
                encoder.architecture: resnet18-slim
                encoder.width: 2
                encoder.projection-size: 8
                encoder.threads: 1
                learner.flush-interval: 1 s
                learner.report-interval: 500 ms
                """.formatted(broker.bootstrapServers(), GROUP).getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve("options"), options);
        String learn = """
                cd '%s'
                mkdir '%s'
                mv options '%s.yaml'
                exec '%s/bin/contrastream' learn --config '%s.yaml' --job.checkpoint-directory "$PWD/%s"
                """.formatted(folder, PLACE, PLACE, Folder.HOME, PLACE, PLACE);
        try (ChildProcess job = shell("learn", learn);
                TopicReader embeddings =
                        new TopicReader(broker.bootstrapServers(), Map.of(), List.of(Topic.EMBEDDINGS.id()), true)) {
            Map<String, String> labels = new HashMap<>();
            Await.until("all images are learned", () -> {
                for (ConsumerRecord<byte[], byte[]> record : embeddings.poll(Duration.ofMillis(100))) {
                    Embedding embedding = SingleObject.decode(record.value(), Embedding.class);
                    labels.put(new String(record.key(), StandardCharsets.UTF_8), embedding.getLabel());
                }
                assertThat(job.isAlive()).as(job.output()).isTrue();
                return labels.size() == LABELS.size();
            });
            assertThat(labels)
                    .isEqualTo(LABELS.stream().collect(Collectors.toMap(label -> label + "/1.png", label -> label)));
            // Read as UTF-8 and nothing else.
            assertThat(Files.readString(folder.resolve("contrastream-learn-" + job.pid() + ".log")))
                    .contains("/" + PLACE, GROUP);

            String forget = "exec '%s/bin/contrastream' forget --label '%s' -b '%s' --dry-run"
                    .formatted(Folder.HOME, DOG, broker.bootstrapServers());
            try (ChildProcess dry = shell("forget", forget)) {
                assertThat(dry.exitCode(PATIENCE)).as(dry.output()).isZero();
                assertThat(dry.output()).startsWith(DOG + "/1.png\n");
            }
            job.terminate();
            job.exitCode(PATIENCE);
            assertThat(job.output()).containsPattern("goes on from file:\\S*/" + PLACE + "/");
        }
        String wrong =
                "exec '%s/bin/contrastream' learn --config '%s/%s.yaml' --job.checkpoint-directory /c --model.name '%s'"
                        .formatted(Folder.HOME, folder, PLACE, DOG);
        try (ChildProcess refused = shell("refused", wrong)) {
            assertThat(refused.exitCode(PATIENCE)).isEqualTo(2);
            assertThat(refused.output()).contains("model.name is '" + DOG + "'");
        }
    }

    /** A shell takes the bytes of its script for the arguments of what it starts. */
    private ChildProcess shell(String name, String script) throws Exception {
        Path file = Files.write(folder.resolve(name + ".sh"), script.getBytes(StandardCharsets.UTF_8));
        Map<String, String> environment = new HashMap<>(ASCII);
        environment.put("CONTRASTREAM_LOG_DIR", folder.toString());
        return ChildProcess.start(name, folder, environment, List.of("bash", "-e", file.toString()));
    }

    private static Set<String> texts(List<JsonNode> records, String field) {
        return records.stream().map(record -> record.get(field).asText()).collect(Collectors.toSet());
    }

    /** By a shell, that takes bytes for names: the locale of the tests may be none either. */
    private void makeFolders(Path image) throws Exception {
        StringBuilder script = new StringBuilder();
        for (String label : LABELS) {
            StringBuilder octal = new StringBuilder();
            for (byte each : label.getBytes(StandardCharsets.UTF_8)) {
                octal.append("\\%03o".formatted(each & 0xFF));
            }
            script.append("d=\"%s/images/$(printf '%s')\" && mkdir -p \"$d\" && cp '%s' \"$d/\" || exit 1; "
                    .formatted(folder, octal, image));
        }
        Process shell =
                new ProcessBuilder("bash", "-c", script.toString()).inheritIO().start();
        assertThat(shell.waitFor()).isZero();
    }

    private String run(EmbeddedBroker broker, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-b", broker.bootstrapServers()));
        try (ChildProcess command = Script.start(folder, ASCII, "contrastream", all.toArray(String[]::new))) {
            int exitCode = command.exitCode(PATIENCE);
            assertThat(exitCode).as(command.output()).isZero();
            return command.output();
        }
    }
}
