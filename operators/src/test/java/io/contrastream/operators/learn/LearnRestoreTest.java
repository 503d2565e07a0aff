package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.FLUSH;
import static io.contrastream.operators.learn.LearnRun.OPTIONS;
import static io.contrastream.operators.learn.LearnRun.REPORT;
import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.safetensors.SafetensorsWriter;
import io.contrastream.schemas.Embedding;
import java.io.FileNotFoundException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LearnRestoreTest {

    private static final int IMAGES = 62;
    /** Two images of a mini-batch of four are waiting. */
    private static final int STOPPED_AFTER = 38;

    @TempDir
    private Path folder;

    @RegisterExtension
    final OpenRuns runs = new OpenRuns();

    static Stream<Arguments> moves() {
        Supplier<StateBackend> heap = HashMapStateBackend::new;
        Supplier<StateBackend> rocks = EmbeddedRocksDBStateBackend::new;
        Supplier<StateBackend> incremental = () -> new EmbeddedRocksDBStateBackend(true);
        SnapshotType savepoint = SavepointType.savepoint(SavepointFormatType.CANONICAL);
        return Stream.of(
                arguments("heap", heap, CheckpointType.CHECKPOINT, heap),
                arguments("RocksDB", rocks, CheckpointType.CHECKPOINT, rocks),
                arguments("RocksDB, incremental", incremental, CheckpointType.CHECKPOINT, incremental),
                arguments("savepoint from heap to RocksDB", heap, savepoint, rocks),
                arguments("savepoint from RocksDB to heap", rocks, savepoint, heap));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("moves")
    void goesOnInTheMiddleOfAMiniBatchAsIfItHadNeverStopped(
            String move, Supplier<StateBackend> from, SnapshotType type, Supplier<StateBackend> to) throws Exception {
        LearnRun uninterrupted = runs.opened(LearnRun.start(OPTIONS)).send(0, IMAGES);
        uninterrupted.endInput();

        LearnRun before = runs.opened(LearnRun.start(OPTIONS, from.get())).send(0, STOPPED_AFTER);
        OperatorSubtaskState state = before.snapshot(type);
        LearnRun after =
                runs.opened(LearnRun.restore(OPTIONS, state, START, to.get())).send(STOPPED_AFTER, IMAGES);
        after.endInput();

        assertSameWeights(after, uninterrupted);
        List<Embedding> both = new ArrayList<>(before.embeddings());
        both.addAll(after.embeddings());
        assertThat(both).isEqualTo(uninterrupted.embeddings());
        assertThat(after.reports().get(0).getWindowAccuracy())
                .isEqualTo(uninterrupted.reports().get(0).getWindowAccuracy());
        assertThat(after.reports().get(0).getImagesSeen()).isEqualTo(IMAGES);
    }

    @Test
    void keepsEverythingInASnapshotTakenRightAfterARestore() throws Exception {
        LearnRun uninterrupted = runs.opened(LearnRun.start(OPTIONS)).send(0, IMAGES);
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, STOPPED_AFTER);

        LearnRun idle = runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START));
        LearnRun idleToo = runs.opened(LearnRun.restore(OPTIONS, idle.snapshot(), START));
        LearnRun after = runs.opened(LearnRun.restore(OPTIONS, idleToo.snapshot(), START))
                .send(STOPPED_AFTER, IMAGES);

        assertSameWeights(after, uninterrupted);
    }

    @Test
    void snapshotsALearnerThatHasSeenNothing() throws Exception {
        LearnRun uninterrupted = runs.opened(LearnRun.start(OPTIONS)).send(0, IMAGES);
        LearnRun before = runs.opened(LearnRun.start(OPTIONS));

        LearnRun after =
                runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START)).send(0, IMAGES);

        assertSameWeights(after, uninterrupted);
    }

    @Test
    void learnsWhatWaitedWhenTheInputEndsRightAfterARestore() throws Exception {
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, STOPPED_AFTER);
        LearnRun after = runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START));

        after.endInput();

        assertThat(after.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.getImagesSeen()).isEqualTo(STOPPED_AFTER));
    }

    @Test
    void doesNotCountTimeInWhichItDidNotRun() throws Exception {
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, STOPPED_AFTER);
        long later = START + 10 * FLUSH.toMillis() + 10 * REPORT.toMillis();

        LearnRun after = runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), later));
        after.setTime(later + 1);
        assertThat(after.embeddings()).isEmpty();
        assertThat(after.reports()).isEmpty();

        after.setTime(later + 1 + FLUSH.toMillis());
        assertThat(after.embeddings()).isNotEmpty();
    }

    @Test
    void learnsAtOnceWhatIsAFullMiniBatchByNow() throws Exception {
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, 7);
        LearnOptions ofOne = LearnRun.options("model", LearnRun.learner(1, 12, Reservoir.CLASS_BALANCED, 100));

        LearnRun after =
                runs.opened(LearnRun.restore(ofOne, before.snapshot(), START)).send(7, 8);

        assertThat(after.embeddings()).extracting(Embedding::getEncoderVersion).containsExactly(2L, 3L, 4L, 5L);
    }

    @Test
    void takesALargerMemory() throws Exception {
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, 40);
        LearnOptions larger = LearnRun.options("model", LearnRun.learner(4, 20, Reservoir.CLASS_BALANCED, 1));

        LearnRun after =
                runs.opened(LearnRun.restore(larger, before.snapshot(), START)).send(40, 60);
        after.endInput();

        assertThat(after.reports().get(0).getReplaySize()).isEqualTo(20);
    }

    @Test
    void refusesASmallerMemoryNamingBothCapacities() throws Exception {
        assertRefused(
                LearnRun.options("model", LearnRun.learner(4, 10, Reservoir.CLASS_BALANCED, 1)),
                "learner.replay.capacity is 12 in the state, but only 10 in the options");
    }

    @Test
    void refusesAnotherReservoirNamingBoth() throws Exception {
        assertRefused(
                LearnRun.options("model", LearnRun.learner(4, 12, Reservoir.UNIFORM, 1)),
                "learner.replay.reservoir is class-balanced in the state, but uniform in the options");
    }

    @Test
    void refusesAnotherNetworkNamingWhatDiffers() throws Exception {
        EncoderSpec spec = OPTIONS.encoder();
        EncoderSpec wider = new EncoderSpec(
                spec.architecture(), spec.stem(), 3, spec.input(), spec.projectionSize(), spec.normalization());
        assertRefused(
                new LearnOptions(
                        "model",
                        wider,
                        InitialModel.OF_SEED,
                        OPTIONS.training(),
                        OPTIONS.device(),
                        OPTIONS.learner(),
                        OPTIONS.flushInterval(),
                        OPTIONS.reportInterval(),
                        ReplicaOptions.ONE),
                "encoder.width is 2 in the state, but 3 in the options");
    }

    @Test
    void refusesAnotherKindOfEmbeddingNamingTheOption() throws Exception {
        assertRefused(
                new LearnOptions(
                        "model",
                        OPTIONS.encoder().withMirrorEmbedding(true),
                        InitialModel.OF_SEED,
                        OPTIONS.training(),
                        OPTIONS.device(),
                        OPTIONS.learner(),
                        OPTIONS.flushInterval(),
                        OPTIONS.reportInterval(),
                        ReplicaOptions.ONE),
                "encoder.mirror-embedding is false in the state, but true in the options");
    }

    @Test
    void refusesTheStateOfAnotherModelNamingEveryDifferenceAtOnce() throws Exception {
        EncoderSpec spec = OPTIONS.encoder();
        ImageShape input = new ImageShape(
                spec.input().channels(), spec.input().height() + 8, spec.input().width());
        LearnOptions other = new LearnOptions(
                "other",
                new EncoderSpec(
                        Architecture.RESNET34, spec.stem(), 3, input, spec.projectionSize() + 1, spec.normalization()),
                InitialModel.OF_SEED,
                OPTIONS.training(),
                OPTIONS.device(),
                LearnRun.learner(4, 10, Reservoir.UNIFORM, 1),
                OPTIONS.flushInterval(),
                OPTIONS.reportInterval(),
                ReplicaOptions.ONE);

        assertRefused(
                other,
                "model.name is model in the state, but other in the options",
                "encoder.architecture is resnet18-slim in the state, but resnet34 in the options",
                "encoder.width is 2 in the state, but 3 in the options",
                "image.height is 8 in the state, but 16 in the options",
                "encoder.projection-size is ",
                "learner.replay.reservoir is class-balanced in the state, but uniform in the options",
                "learner.replay.capacity is 12 in the state, but only 10 in the options");
    }

    @Test
    void refusesTheStateOfAnotherOptimizer() throws Exception {
        TrainingOptions adam = new TrainingOptions(
                OptimizerOptions.adam(0.001, 0), OPTIONS.training().temperature());
        assertRefused(
                new LearnOptions(
                        "model",
                        OPTIONS.encoder(),
                        InitialModel.OF_SEED,
                        adam,
                        OPTIONS.device(),
                        OPTIONS.learner(),
                        OPTIONS.flushInterval(),
                        OPTIONS.reportInterval(),
                        ReplicaOptions.ONE),
                "optimizer.kind is sgd in the state, but adam in the options");
    }

    @Test
    void goesOnFromItsStateWhateverTheInitialWeightsAre() throws Exception {
        OperatorSubtaskState state =
                runs.opened(LearnRun.start(OPTIONS)).send(0, 8).snapshot();
        LearnRun after =
                runs.opened(LearnRun.restore(LearnRun.startingFrom(folder.resolve("gone.safetensors")), state, START));

        assertThat(after.engine().state().step()).isEqualTo(2);
    }

    @Test
    void startsOnlyIfItsInitialWeightsAreThere() throws Exception {
        Path file = folder.resolve("gone.safetensors");
        LearnRun run = runs.opened(LearnRun.create(LearnRun.startingFrom(file), 1));

        assertThatThrownBy(run::open).isInstanceOf(FileNotFoundException.class).hasMessageContaining(file.toString());
        run.close();
        assertThat(run.engine().closed()).as("closed though open failed").isEqualTo(1);
    }

    @Test
    void failsForGoodIfItsInitialWeightsDoNotFit() throws Exception {
        Path file = folder.resolve("other.safetensors");
        try (OutputStream out = Files.newOutputStream(file)) {
            SafetensorsWriter.write(Map.of(), List.of(new Tensor("conv1.weight", new int[] {1}, new float[1])), out);
        }
        LearnRun run = runs.opened(LearnRun.create(LearnRun.startingFrom(file), 1));

        assertThatThrownBy(run::open)
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("conv1.weight has the shape [1] in the file, but [2, 3, 3, 3] in the network");
    }

    private void assertRefused(LearnOptions options, String... differences) throws Exception {
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, 8);
        LearnRun after = runs.opened(LearnRun.create(options, 1));
        after.initialize(before.snapshot());

        assertThatThrownBy(after::open)
                .as("fails for good")
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .hasMessageContaining("the stored state of model 'model' cannot be restored")
                .hasMessageContainingAll(differences);
        after.close();
        assertThat(after.engine().closed()).as("no engine was made for it").isZero();
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
