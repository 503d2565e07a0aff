package io.contrastream.jobs.learning.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.kafka.SavedOffsets;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.learn.state.StateSummary;
import io.contrastream.topics.StreamPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The decision on a start in every state of the world that differs for it; with real states, {@code StartedAgainITCase} does it. */
final class StartDecisionTest {

    private static final StartInstruction NONE = StartInstruction.NONE;
    private static final StartInstruction FRESH = new StartInstruction(Optional.empty(), true, false, false);
    private static final StartInstruction FRESH_REPLACING = new StartInstruction(Optional.empty(), true, true, false);
    private static final StartInstruction REPLACING = new StartInstruction(Optional.empty(), false, true, false);
    private static final StartInstruction FROM_EARLIEST = new StartInstruction(Optional.empty(), false, false, true);

    private static final SavedOffsets NO_LABELS = new SavedOffsets("", new TreeMap<>());

    @TempDir
    private Path folder;

    private final List<SavedState> states = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();
    private final Map<String, String> unreadable = new TreeMap<>();
    private String topicId = "id";
    private Map<Integer, Long> ends = Map.of(0, 100L);
    private Map<Integer, Long> committed = Map.of();
    private Optional<PublishedVersion> published = Optional.empty();
    private String guarantee = "at-least-once";
    private Optional<StreamPosition> labels = Optional.empty();

    @Test
    void aFirstStartIsANewModel() throws IOException {
        Start start = decide(NONE);

        assertThat(start.state()).isEmpty();
        assertThat(start.lineage()).isEqualTo(new Lineage("job", "id", 0));
        assertThat(start.announcement()).isEqualTo("Starting a new model; 100 records wait");
        assertThat(decide(FRESH).announcement()).isEqualTo(start.announcement());
    }

    @Test
    void aStateOfTheFirstLayoutIsRefusedWithTheCommandThatStartsFromItsLearner() {
        String location = Path.of("../reliability/src/test/resources/first-savepoint/savepoint")
                .toAbsolutePath()
                .normalize()
                .toUri()
                .toString();
        states.add(new SavedState(
                location,
                new StateSummary("encoder", new Lineage("job", "id", 0), 5, 40),
                "labelled-images-source",
                "images",
                new TreeMap<>(Map.of(0, 43L)),
                NO_LABELS));

        assertThatThrownBy(() -> decide(NONE))
                .isInstanceOf(StartRefusedException.class)
                .hasMessageContaining("no job is restored from it any more")
                .hasMessageEndingWith("--fresh --replace-model --learner.initial-state " + location);
    }

    @Test
    void theNewestStateIsTheOneThatHoldsMostWhateverItsNameOrKind() throws IOException {
        state("run/chk-900", 0, 7, 70);
        state("savepoint-a", 0, 8, 80);
        state("run/chk-7", 0, 8, 83);
        state("savepoint-z", 0, 8, 83);
        committed = Map.of(0, 83L);

        assertThat(decide(NONE).state()).get().extracting(SavedState::location).isEqualTo("savepoint-z");
        assertThat(decide(NONE).announcement())
                .isEqualTo(
                        "Going on from savepoint-z: encoder version 8, 0 images learned, images-0 read up to offset 83;"
                                + " 17 records wait");
    }

    @Test
    void anAtLeastOnceJobThatWasKilledGoesOnThoughMoreIsPublishedThanItsNewestCheckpointHolds() throws IOException {
        state("run/chk-7", 0, 8, 83);
        committed = Map.of(0, 83L);
        published = Optional.of(new PublishedVersion("embeddings", 9));

        assertThat(decide(NONE).state()).isPresent();

        guarantee = "exactly-once";
        assertThatThrownBy(() -> decide(NONE))
                .hasMessageContaining("the topic 'embeddings' has records of encoder version 9");
        guarantee = "at-least-once";
        // Killed between its first checkpoint and the commit that follows it.
        committed = Map.of();
        assertThat(decide(NONE).state()).isPresent();
    }

    @Test
    void theNewestOfTheKnownStatesIsRefusedIfTheGroupHasReadFurther() throws IOException {
        state("run/chk-7", 0, 116, 60);
        committed = Map.of(0, 90L);

        assertThatThrownBy(() -> decide(NONE))
                .isInstanceOf(StartRefusedException.class)
                .hasMessage(
                        "the state run/chk-7 holds encoder version 116, 0 images learned, images-0 read up to offset 60,"
                                + " but more has been learned: the consumer group 'group' has images-0 read up to offset 90. To"
                                + " go on from a newer state: --savepoint PATH; to go back to this one, whose vectors replace"
                                + " the published ones: --replace-model");
        Start back = decide(REPLACING);
        assertThat(back.lineage().generation()).isEqualTo(1);
        assertThat(back.note()).contains(new Note("run/chk-7", 1, false, new TreeMap<>(committed)));
    }

    @Test
    void aNewModelIsRefusedWhereOneHasBeenLearned() throws IOException {
        committed = Map.of(0, 40L);
        assertThatThrownBy(() -> decide(NONE))
                .hasMessageContaining("no state of the job 'job' was found in")
                .hasMessageContaining("the consumer group 'group' has images-0 read up to offset 40")
                .hasMessageContaining("--fresh --replace-model");
        committed = Map.of();
        published = Optional.of(new PublishedVersion("prototypes", 8));
        assertThatThrownBy(() -> decide(NONE))
                .hasMessageContaining("the topic 'prototypes' has records of encoder version 8");
        published = Optional.empty();
        state("run/chk-7", 0, 116, 60);
        assertThatThrownBy(() -> decide(FRESH)).hasMessageContaining("run/chk-7 holds encoder version 116");

        Start start = decide(FRESH_REPLACING);
        assertThat(start.state()).isEmpty();
        assertThat(start.lineage().generation()).isEqualTo(1);
        assertThat(start.note()).contains(new Note("", 1, false, new TreeMap<>()));
    }

    @Test
    void aStateThatCannotBeReadIsNotForgotten() throws IOException {
        unreadable.put("run/chk-7", "it is damaged");

        assertThatThrownBy(() -> decide(NONE)).hasMessageContaining("run/chk-7: it is damaged");
        assertThat(decide(FRESH).state()).isEmpty();
    }

    @Test
    void aModelThatWasReplacedStaysSoThoughItHasLearnedMore() throws IOException {
        state("run/chk-7", 0, 116, 60);
        state("run/chk-2", 1, 2, 80);
        committed = Map.of(0, 80L);

        assertThat(decide(NONE).state()).get().extracting(SavedState::location).isEqualTo("run/chk-2");
        published = Optional.of(new PublishedVersion("embeddings", 116));
        guarantee = "exactly-once";
        assertThat(decide(NONE).state())
                .as("though the vectors of the one before are still there")
                .get()
                .extracting(SavedState::location)
                .isEqualTo("run/chk-2");
        committed = Map.of();
        assertThat(decide(NONE).state()).isPresent();
    }

    @Test
    void aStartThatHasCompletedNoCheckpointIsRepeated() throws IOException {
        state("run/chk-7", 0, 116, 60);
        committed = Map.of(0, 60L);
        notes.add(new Note("", 1, false, new TreeMap<>(committed)));
        published = Optional.of(new PublishedVersion("embeddings", 3));

        Start again = decide(NONE);

        assertThat(again.state()).isEmpty();
        assertThat(again.lineage().generation()).isEqualTo(1);
        assertThat(again.announcement()).startsWith("Its last start has completed no checkpoint and is repeated.");
        committed = Map.of(0, 70L);
        assertThatThrownBy(() -> decide(NONE))
                .as("its checkpoints are gone")
                .hasMessageContaining("read up to offset 70");
    }

    /** The commit of the offsets is missing, as of a job that was stopped just when its first checkpoint was complete. */
    @Test
    void anExactlyOnceStartThatHasPublishedHasCompletedACheckpoint() throws IOException {
        guarantee = "exactly-once";
        notes.add(new Note("", 0, false, new TreeMap<>()));
        assertThat(decide(NONE).announcement()).contains("is repeated. Starting a new model");

        published = Optional.of(new PublishedVersion("embeddings", 1));

        assertThatThrownBy(() -> decide(NONE)).hasMessageContaining("records of encoder version 1");
    }

    @Test
    void aTopicThatWasMadeAnewIsRefusedOrReadFromItsBeginning() throws IOException {
        state("savepoint-a", 0, 8, 40);
        topicId = "another";
        ends = Map.of(0, 30L);

        assertThatThrownBy(() -> decide(NONE))
                .hasMessageContaining("the topic 'images' has been made anew: its id is another, but was id")
                .hasMessageContaining(
                        "partition 0 of the topic 'images' has been read up to offset 40, but ends at offset 30")
                .hasMessageContaining("--from-earliest");
        Start start = decide(FROM_EARLIEST);
        assertThat(start.state()).isPresent();
        assertThat(start.fromEarliest()).isTrue();
        assertThat(start.sourceUid()).isEqualTo("labelled-images-source-2");
        assertThat(start.lineage()).isEqualTo(new Lineage("job", "another", 1));
        assertThat(start.announcement()).endsWith("reading images from its earliest record; 30 records wait");
    }

    @Test
    void aTopicOfLabelsThatWasMadeAnewIsRefusedOrReadFromItsBeginning() throws IOException {
        states.add(new SavedState(
                "savepoint-a",
                new StateSummary("", new Lineage("job", "id", "labels-id", 0), 8, 0),
                "labelled-images-source",
                "images",
                new TreeMap<>(Map.of(0, 40L)),
                new SavedOffsets("labels", new TreeMap<>(Map.of(0, 25L, 1, 7L)))));
        labels = labels("labels", "labels-id", Map.of(0, 25L, 1, 9L));
        assertThat(decide(NONE).state()).isPresent();
        assertThat(decide(NONE).lineage()).isEqualTo(new Lineage("job", "id", "labels-id", 0));

        labels = labels("labels", "another", Map.of(0, 20L));
        assertThatThrownBy(() -> decide(NONE))
                .isInstanceOf(StartRefusedException.class)
                .hasMessage(
                        "the state savepoint-a was not learned from these topics: the topic 'labels' has been made anew:"
                                + " its id is another, but was labels-id; partition 0 of the topic 'labels' has been read up"
                                + " to offset 25, but ends at offset 20; partition 1 of the topic 'labels' has been read up to"
                                + " offset 7, but does not exist. To go on with the model and read both topics from their"
                                + " earliest records: --from-earliest");
        Start start = decide(FROM_EARLIEST);
        assertThat(start.sourceUid()).isEqualTo("labelled-images-source-2");
        assertThat(start.lineage()).isEqualTo(new Lineage("job", "id", "another", 1));

        labels = labels("tags", "labels-id", Map.of(0, 100L, 1, 100L));
        assertThatThrownBy(() -> decide(NONE))
                .hasMessageContaining("kafka.topic.labels is labels in the state, but tags in the options");
    }

    private static Optional<StreamPosition> labels(String topic, String id, Map<Integer, Long> ends) {
        return Optional.of(new StreamPosition(topic, id, new TreeMap<>(), new TreeMap<>(ends), new TreeMap<>()));
    }

    @Test
    void aTopicOfAnotherNameOrWithFewerPartitionsIsRefused() throws IOException {
        state("savepoint-a", 0, 8, 40);
        ends = Map.of(1, 100L);
        assertThatThrownBy(() -> decide(NONE)).hasMessageContaining("partition 0 of the topic 'images'");
    }

    @Test
    void twoInstructionsThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> new StartInstruction(Optional.of("savepoint"), true, false, false))
                .hasMessageContaining("--fresh starts a new model, but a savepoint is given too: savepoint");
    }

    @Test
    void instructionsAreTakenOutOfTheArgumentsOfAJob() {
        StartInstruction.Arguments arguments = StartInstruction.Arguments.of(
                "--config", "file", "--restore=path", "--replace-model", "--job.name", "x");

        assertThat(arguments.options()).containsExactly("--config", "file", "--job.name", "x");
        assertThat(arguments.instruction()).isEqualTo(new StartInstruction(Optional.of("path"), false, true, false));
    }

    @Test
    void notesThatAreIncompleteAreNotBelieved() throws IOException {
        StateFolder states = new StateFolder(folder.toUri().toString(), "job");
        states.noteSavepoint("file:/elsewhere/savepoint-1");
        Path whole;
        try (var files = Files.list(folder.resolve("contrastream/job"))) {
            whole = files.findFirst().orElseThrow();
        }
        String text = Files.readString(whole);
        Files.writeString(whole.resolveSibling("cut.note"), text.substring(0, text.length() - 5));
        Map<String, String> problems = new TreeMap<>();

        assertThat(states.notes(problems)).containsExactly(Note.ofSavepoint("file:/elsewhere/savepoint-1"));
        assertThat(problems).hasSize(1);
        assertThat(new StateFolder(folder.resolve("none").toUri().toString(), "job").notes(problems))
                .isEmpty();
    }

    @Test
    void whatLiesInTheFolderIsDeletedHoweverItIsWrittenAndNothingElse() throws IOException {
        // As Flink writes locations: %20 is no space.
        Path spaced = Files.createDirectories(folder.resolve("100%20 with space"));
        StateFolder states = new StateFolder("file://" + spaced + "/", "job");

        for (String scheme : List.of("file:", "file://")) {
            Path run = Files.createDirectories(spaced.resolve("run"));
            assertThat(states.has(scheme + run)).isTrue();
            states.delete(scheme + run + "/");
            assertThat(run).doesNotExist();
        }
        assertThatThrownBy(() -> states.delete("file:" + spaced))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not in");
        assertThat(spaced).exists();
    }

    @Test
    void aFileInThePlaceOfTheFolderIsAnError() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> new StateFolder(file.toUri().toString(), "job").locations())
                .hasMessageContaining("is a file, but must be a folder");
    }

    private Start decide(StartInstruction instruction) throws IOException {
        JobOptions options = JobOptions.parse(
                "--kafka.bootstrap-servers",
                "localhost:1",
                "--kafka.group-id",
                "group",
                "--kafka.delivery-guarantee",
                guarantee);
        TreeMap<Integer, Long> begins = new TreeMap<>(ends);
        begins.replaceAll((partition, end) -> 0L);
        return new StartDecision(
                        "job",
                        options.learn(),
                        options.kafka(),
                        new StateFolder(folder.toUri().toString(), "job"),
                        new KnownStates(states, List.of(), unreadable, notes),
                        new StreamPosition("images", topicId, begins, new TreeMap<>(ends), new TreeMap<>(committed)),
                        labels,
                        () -> published)
                .decide(instruction);
    }

    /** Without a model, there is nothing to be held against the options. */
    private void state(String location, int generation, long version, long offset) {
        states.add(new SavedState(
                location,
                new StateSummary("", new Lineage("job", "id", generation), version, 0),
                "labelled-images-source",
                "images",
                new TreeMap<>(Map.of(0, offset)),
                NO_LABELS));
    }
}
