package io.contrastream.jobs.learning.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.kafka.SavedOffsets;
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.learn.state.StateSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which states are superfluous, by folders with nothing but metadata. */
final class KnownStatesTest {

    private static final String EARLIER = "0123456789abcdef0123456789abcdef";
    private static final String RUNNING = "fedcba9876543210fedcba9876543210";

    @TempDir
    private Path folder;

    private final List<SavedState> states = new ArrayList<>();

    @Test
    void onlyWhatHoldsLessThanTheNewestIsSuperfluous() throws IOException {
        add(EARLIER + "/chk-3", 7);
        add("savepoint-older", 5);
        add("savepoint-newest", 8);

        assertThat(superfluous(false)).containsExactly(EARLIER);
        assertThat(superfluous(true)).containsExactlyInAnyOrder(EARLIER, "savepoint-older");
    }

    @Test
    void theCheckpointOfAJobThatHasLearnedNothingSinceTheNewestSavepointStays() throws IOException {
        add(EARLIER + "/chk-9", 8);
        add("savepoint-newest", 9);
        add(RUNNING + "/chk-1", 8);
        add(RUNNING + "/chk-2", 9);

        assertThat(superfluous(false)).containsExactly(EARLIER);
    }

    private void add(String name, long version) throws IOException {
        Path state = Files.createDirectories(folder.resolve(name));
        Files.writeString(state.resolve("_metadata"), "files of this state");
        states.add(new SavedState(
                "file:" + state,
                new StateSummary("encoder", new Lineage("job", "id", 0), version, 10 * version),
                "labelled-images-source",
                "images",
                new TreeMap<>(Map.of(0, 10 * version)),
                new SavedOffsets("", new TreeMap<>())));
    }

    private List<String> superfluous(boolean savepoints) throws IOException {
        return new KnownStates(states, List.of(), Map.of(), List.of())
                .superfluous(new StateFolder("file:" + folder, "job"), savepoints).stream()
                        .map(path -> path.substring(path.lastIndexOf('/') + 1))
                        .toList();
    }
}
