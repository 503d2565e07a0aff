package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line where the locale knows ASCII only, as in most containers. */
final class LocaleITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<String, String> ASCII = Map.of("LC_ALL", "C", "LANG", "C");

    /** A Chinese dog and cat, French with and without a composed accent, a smiling face. */
    private static final Set<String> LABELS =
            Set.of("\u72ac", "\u732b", "ca\u00f1\u00f3n", "can\u0303o\u0301n", "\uD83D\uDE00 face");

    private static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

    @TempDir
    private Path folder;

    @Test
    void labelsAndIdsAreTheFoldersNamesInUtf8OnTheWayInAndOut() throws Exception {
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
        }
    }

    private static Set<String> texts(List<JsonNode> records, String field) {
        return records.stream().map(record -> record.get(field).asText()).collect(Collectors.toSet());
    }

    /** By a shell, that takes bytes for names: the locale of the tests may be none either. */
    private void makeFolders(Path image) throws Exception {
        StringBuilder script = new StringBuilder();
        for (String label : LABELS) {
            StringBuilder octal = new StringBuilder();
            for (byte each : label.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
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
