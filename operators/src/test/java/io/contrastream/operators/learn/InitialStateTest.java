package io.contrastream.operators.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.origin.InitialState;
import io.contrastream.operators.learn.state.LearnerKey;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.schemas.LearningReport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A new model from the whole learner of what another job has left. */
final class InitialStateTest {

    private static final Path FIRST = Path.of("../reliability/src/test/resources/first-savepoint/savepoint")
            .toAbsolutePath();
    private static final int BEFORE = 5 * LearnRun.BATCH;
    private static final int IMAGES = 10 * LearnRun.BATCH;

    @TempDir
    private Path folder;

    @RegisterExtension
    final OpenRuns runs = new OpenRuns();

    static Stream<Arguments> forms() {
        Supplier<StateBackend> heap = HashMapStateBackend::new;
        Supplier<StateBackend> rocks = EmbeddedRocksDBStateBackend::new;
        Supplier<StateBackend> incremental = () -> new EmbeddedRocksDBStateBackend(true);
        SnapshotType savepoint = SavepointType.savepoint(SavepointFormatType.CANONICAL);
        return Stream.of(
                arguments("checkpoint of the heap", heap, CheckpointType.CHECKPOINT),
                arguments("checkpoint of RocksDB", rocks, CheckpointType.CHECKPOINT),
                arguments("incremental checkpoint of RocksDB", incremental, CheckpointType.CHECKPOINT),
                arguments("savepoint of the heap", heap, savepoint),
                arguments("savepoint of RocksDB", rocks, savepoint));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void goesOnAsTheOtherModelWouldHave(String form, Supplier<StateBackend> backend, SnapshotType type)
            throws Exception {
        LearnRun other =
                runs.opened(LearnRun.start(LearnRun.OPTIONS, backend.get())).send(0, BEFORE);
        Path state = stored(other.snapshot(type));
        LearnRun uninterrupted = runs.opened(LearnRun.start(LearnRun.OPTIONS)).send(0, IMAGES);
        uninterrupted.endInput();

        LearnRun from = runs.opened(LearnRun.start(startingFrom(state, "another", LearnRun.OPTIONS)));
        // Its first checkpoint has everything, though no image has come.
        OperatorSubtaskState first = from.snapshot();
        from.send(BEFORE, IMAGES).endInput();

        assertSameWeights(from, uninterrupted);
        LearningReport report = from.reports().get(0);
        assertThat(report.getModel()).isEqualTo("another");
        assertThat(report.getImagesSeen()).isEqualTo(IMAGES);
        assertThat(report.getReplaySize())
                .isEqualTo(uninterrupted.reports().get(0).getReplaySize());

        LearnRun restored = runs.opened(LearnRun.restore(
                startingFrom(folder.resolve("gone"), "another", LearnRun.OPTIONS), first, LearnRun.START));
        restored.send(BEFORE, IMAGES).endInput();
        assertSameWeights(restored, uninterrupted);
    }

    /** Weights, optimiser, memory and counters of 40 images, 8 in a mini-batch; 3 more were not learned. */
    @Test
    void readsTheFirstSavepointsWithTheirWeightsInOperatorState() throws Exception {
        SavedLearner first = InitialState.read(startingFrom(FIRST, "new", small(64)));

        assertThat(first.restorable()).isFalse();
        assertThat(first.state().encoder().step()).isEqualTo(5);
        assertThat(first.state().encoder().optimizerSlots()).isNotEmpty();
        assertThat(first.state().progress().imagesSeen()).isEqualTo(40);
        assertThat(first.slots().values()).extracting(Example::id).hasSize(40).doesNotHaveDuplicates();
        assertThat(first.slots().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 40).boxed().toList());
    }

    @Test
    void failsForGoodIfTheLearnerDoesNotFitNamingEveryDifference() throws Exception {
        LearnRun run = runs.opened(LearnRun.create(startingFrom(FIRST, "new", small(10)), 1));

        assertThatThrownBy(run::open)
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .hasMessageContaining("the learner of model 'encoder' cannot go on with these options")
                .hasMessageContaining("learner.replay.capacity is 64 in the state, but only 10 in the options");
    }

    @Test
    void saysWhereThereIsNoLearner() throws Exception {
        Path empty = stored(runs.opened(LearnRun.start(LearnRun.OPTIONS)).snapshot());
        LearnOptions gone = startingFrom(folder.resolve("gone"), "new", LearnRun.OPTIONS);

        assertThatThrownBy(() -> InitialState.read(gone)).hasMessageContaining(folder.resolve("gone") + "");
        assertThat(InitialState.read(startingFrom(empty, "new", LearnRun.OPTIONS))
                        .slots())
                .isEmpty();
    }

    /** Of the kept savepoint, the first bytes of its metadata. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 7, 100})
    void saysThatMetadataIsCutOff(int length) throws IOException {
        byte[] whole = Files.readAllBytes(FIRST.resolve("_metadata"));
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.write(state.resolve("_metadata"), Arrays.copyOf(whole, length));

        assertThatThrownBy(() -> InitialState.read(startingFrom(state, "new", LearnRun.OPTIONS)))
                .hasMessage(state.toUri() + ": it is cut off: its metadata ends before its contents do");
    }

    /** As Flink stores the metadata of a checkpoint. */
    private Path stored(OperatorSubtaskState subtask) throws Exception {
        OperatorState operator =
                new OperatorState("learn", "learn", new OperatorID(1, 2), 1, LearnerKey.MAX_PARALLELISM);
        operator.putState(0, subtask);
        Path state = Files.createDirectory(folder.resolve("state"));
        try (OutputStream out = Files.newOutputStream(state.resolve("_metadata"))) {
            Checkpoints.storeCheckpointMetadata(new CheckpointMetadata(1, List.of(operator), List.of()), out);
        }
        return state;
    }

    private static LearnOptions small(int capacity) {
        LearnerOptions learner = new LearnerOptions(
                        5,
                        8,
                        new ReplayOptions(capacity, 8, Reservoir.CLASS_BALANCED),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(50, false, 0))
                .with(LearnRun.LEARNER.augment())
                .withAccuracyWindow(20);
        EncoderSpec spec = LearnRun.OPTIONS.encoder();
        return new LearnOptions(
                "small",
                new EncoderSpec(spec.architecture(), spec.stem(), spec.width(), spec.input(), 16, spec.normalization()),
                InitialModel.OF_SEED,
                LearnRun.OPTIONS.training(),
                LearnRun.OPTIONS.device(),
                learner,
                LearnRun.FLUSH,
                LearnRun.REPORT,
                ReplicaOptions.ONE);
    }

    private static LearnOptions startingFrom(Path state, String model, LearnOptions base) {
        return new LearnOptions(
                model,
                base.encoder(),
                new InitialModel("", "", state.toUri().toString()),
                base.training(),
                base.device(),
                base.learner(),
                base.flushInterval(),
                base.reportInterval(),
                ReplicaOptions.ONE);
    }

    private static void assertSameWeights(LearnRun some, LearnRun others) {
        assertThat(some.engine().state().step())
                .isEqualTo(others.engine().state().step());
        assertSame(some.engine().state().parameters(), others.engine().state().parameters());
        assertSame(
                some.engine().state().optimizerSlots(), others.engine().state().optimizerSlots());
    }

    private static void assertSame(List<Tensor> some, List<Tensor> others) {
        assertThat(some).hasSameSizeAs(others);
        for (int i = 0; i < some.size(); i++) {
            assertThat(some.get(i).values()).containsExactly(others.get(i).values());
        }
    }
}
