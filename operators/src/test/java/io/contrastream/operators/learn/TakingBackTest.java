package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.EXAMPLES;
import static io.contrastream.operators.learn.LearnRun.FLUSH;
import static io.contrastream.operators.learn.LearnRun.OPTIONS;
import static io.contrastream.operators.learn.LearnRun.REPORT;
import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.LossOptions;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LearningReport;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images that are taken back, seen from outside of the learning operator. */
class TakingBackTest {

    /** The longest that a prototype waits for its renewal, as {@link LearnFunction} has it. */
    private static final long RENEWAL_DELAY_MILLIS = 100;

    private static final SnapshotType SAVEPOINT = SavepointType.savepoint(SavepointFormatType.CANONICAL);
    /** Memory is re-encoded only where something has been taken back. */
    private static final LearnOptions RARELY =
            LearnRun.options("model", LearnRun.learner(LearnRun.BATCH, 12, Reservoir.CLASS_BALANCED, 100_000));

    @RegisterExtension
    final OpenRuns runs = new OpenRuns();

    private static List<Embedding> tombstones(LearnRun run) {
        return run.embeddings().stream()
                .filter(embedding -> embedding.getVector().isEmpty())
                .toList();
    }

    @Test
    void publishesATombstoneAndTheNewPrototypeOfTheClass() throws Exception {
        LearnRun run = runs.opened(LearnRun.start(RARELY)).send(0, 8);
        int before = run.prototypes().size();

        run.setTime(START + 5).forget("1/0");

        assertThat(tombstones(run)).singleElement().satisfies(tombstone -> {
            assertThat(tombstone.getId()).isEqualTo("1/0");
            assertThat(tombstone.getOrigin()).isEqualTo(EmbeddingOrigin.UNKNOWN);
            assertThat(tombstone.getEncoderVersion()).isEqualTo(2);
        });
        assertThat(run.prototypes()).as("more may have to be forgotten").hasSize(before);
        run.setTime(START + 5 + RENEWAL_DELAY_MILLIS);
        List<ClassPrototype> renewed =
                run.prototypes().subList(before, run.prototypes().size());
        assertThat(renewed).singleElement().satisfies(prototype -> {
            assertThat(prototype.getLabel()).isEqualTo("class-1");
            assertThat(prototype.getSupport()).isEqualTo(2);
        });
        // The first eight are 0/0 1/0 2/0 0/1 1/1 2/1 0/2 1/2.
        assertMean(renewed.get(0), run, EXAMPLES.example(1, 1), EXAMPLES.example(1, 2));
    }

    /** The unit mean of the embeddings of these images, under the weights that the run has. */
    private static void assertMean(ClassPrototype prototype, LearnRun run, Example... images) {
        Encoder encoder = new ReferenceEncoder(OPTIONS.encoder(), OPTIONS.training(), 77);
        encoder.load(run.engine().state());
        double[] sum = new double[prototype.getVector().size()];
        for (Example image : images) {
            float[] values = new float[image.pixels().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (image.pixels()[i] & 0xFF) / 255f;
            }
            float[] row = encoder.embed(values, 1);
            for (int k = 0; k < sum.length; k++) {
                sum[k] += row[k];
            }
        }
        double length = Math.sqrt(Arrays.stream(sum).map(part -> part * part).sum());
        for (int k = 0; k < sum.length; k++) {
            assertThat((double) prototype.getVector().get(k)).isCloseTo(sum[k] / length, within(1e-6));
        }
    }

    @Test
    void tellsThatAClassIsLostWithItsLastImage() throws Exception {
        LearnRun run = runs.opened(LearnRun.start(RARELY)).send(0, 4);

        run.forget("1/0").setTime(START + RENEWAL_DELAY_MILLIS);

        ClassPrototype last = run.prototypes().get(run.prototypes().size() - 1);
        assertThat(last.getLabel()).isEqualTo("class-1");
        assertThat(last.getSupport()).isZero();
    }

    @Test
    void doesNotLearnWhatIsForgottenWhileItWaits() throws Exception {
        LearnRun run = runs.opened(LearnRun.start(OPTIONS))
                .send(0, 3)
                .forget("1/0", "2/0")
                .send(3, 5);
        assertThat(run.engine().state().step()).as("three of four images").isZero();

        run.send(5, 6);

        assertThat(run.embeddings())
                .filteredOn(embedding -> !embedding.getVector().isEmpty())
                .extracting(Embedding::getId)
                .containsExactly("0/0", "0/1", "1/1", "2/1");
        assertThat(tombstones(run)).extracting(Embedding::getId).containsExactly("1/0", "2/0");
    }

    /** Mistyped, taken back, and sent again; and without the order in between. */
    @Test
    void aMistypedLabelLeavesNothingBehind() throws Exception {
        Example wrong = new Example("face1", "dgo", EXAMPLES.example(7, 0).pixels(), 0);
        Example right = new Example("face1", "dog", wrong.pixels(), 0);
        for (boolean ordered : new boolean[] {true, false}) {
            for (int between : new int[] {0, 9}) {
                LearnRun run = runs.opened(LearnRun.start(OPTIONS)).send(0, 4);
                run.send(wrong);
                run.send(4, 4 + between);
                if (ordered) {
                    run.forget("face1");
                }
                run.send(right);
                run.send(4 + between, 24);
                run.setTime(START + REPORT.toMillis());

                List<ClassPrototype> last = run.prototypes().stream()
                        .filter(prototype -> prototype.getLabel().equals("dgo"))
                        .toList();
                if (between == 0) {
                    assertThat(last).isEmpty();
                } else {
                    assertThat(last)
                            .last()
                            .satisfies(prototype ->
                                    assertThat(prototype.getSupport()).isZero());
                }
                LearningReport report = run.reports().get(0);
                assertThat(report.getImagesForgotten()).isEqualTo(ordered ? 1 : 0);
                assertThat(report.getImagesMoved()).isEqualTo(ordered ? 0 : 1);
                assertThat(run.prototypes())
                        .filteredOn(prototype -> prototype.getLabel().equals("dog"))
                        .last()
                        .satisfies(
                                prototype -> assertThat(prototype.getSupport()).isEqualTo(1));
            }
        }
    }

    @Test
    void aLabelAloneRelabelsAnImageThatIsStillThereAndIsNothingOtherwise() throws Exception {
        LearnRun run = runs.opened(LearnRun.start(OPTIONS)).send(0, 4);

        run.send(Example.ofLabelAlone("1/0", "corrected"));
        run.send(Example.ofLabelAlone("2/0", "class-2"));
        run.send(Example.ofLabelAlone("never", "dog"));
        run.send(4, 6);
        run.send(Example.ofLabelAlone("2/1", "corrected too"));

        assertThat(run.embeddings())
                .filteredOn(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                .extracting(Embedding::getId, Embedding::getLabel)
                .containsExactly(
                        tuple("0/0", "class-0"),
                        tuple("1/0", "class-1"),
                        tuple("2/0", "class-2"),
                        tuple("0/1", "class-0"),
                        tuple("1/0", "corrected"),
                        tuple("1/1", "class-1"),
                        tuple("2/1", "class-2"),
                        tuple("2/1", "corrected too"));
        run.setTime(START + REPORT.toMillis());
        assertThat(run.reports().get(0).getImagesMoved()).isEqualTo(2);
    }

    @Test
    void anOrderToForgetWhatIsNotThereIsATombstoneAndNothingElse() throws Exception {
        LearnRun run = runs.opened(LearnRun.start(OPTIONS));
        run.forget("never");
        assertThat(tombstones(run)).extracting(Embedding::getId).containsExactly("never");

        run.send(0, 8).forget("1/0", "1/0", "never").setTime(START + REPORT.toMillis());

        assertThat(tombstones(run)).hasSize(4);
        assertThat(run.reports().get(0).getImagesForgotten()).isEqualTo(1);
        assertThat(run.timers()).as("the next report").isEqualTo(1);
    }

    static Stream<Arguments> backends() {
        Supplier<StateBackend> heap = HashMapStateBackend::new;
        Supplier<StateBackend> rocks = EmbeddedRocksDBStateBackend::new;
        return Stream.of(
                arguments("heap, checkpoint", heap, CheckpointType.CHECKPOINT),
                arguments("heap, savepoint", heap, SAVEPOINT),
                arguments("RocksDB, savepoint", rocks, SAVEPOINT));
    }

    /** Of images in memory's first, middle and last slot, and of one that waits: neither the pixels nor the id. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("backends")
    void leavesNoByteOfAForgottenImageInTheNextSnapshot(String name, Supplier<StateBackend> backend, SnapshotType type)
            throws Exception {
        LearnRun run = runs.opened(LearnRun.start(OPTIONS, backend.get()));
        run.send(0, 8);
        Example[] images = {
            marked("first"), EXAMPLES.example(1, 0), EXAMPLES.example(2, 1), marked("second"), marked("waiting")
        };
        for (Example image : new Example[] {images[0], images[3], EXAMPLES.example(0, 5), EXAMPLES.example(1, 5)}) {
            run.send(image);
        }
        run.send(images[4]);
        byte[] before = bytes(run.snapshot(type));
        for (Example image : images) {
            assertThat(contains(before, image.pixels()))
                    .as("pixels of %s before", image.id())
                    .isTrue();
        }

        for (Example image : images) {
            run.forget(image.id());
        }

        byte[] after = bytes(run.snapshot(type));
        for (Example image : images) {
            // Not a piece of it either.
            for (int from = 0; from + 16 <= image.pixels().length; from += 16) {
                assertThat(contains(after, Arrays.copyOfRange(image.pixels(), from, from + 16)))
                        .as("pixels of %s from %d on", image.id(), from)
                        .isFalse();
            }
        }
        for (String id : List.of("marked-first", "marked-second", "marked-waiting")) {
            assertThat(contains(before, id.getBytes(StandardCharsets.UTF_8))).isTrue();
            assertThat(contains(after, id.getBytes(StandardCharsets.UTF_8)))
                    .as(id)
                    .isFalse();
        }
        assertThat(contains(after, EXAMPLES.example(0, 5).pixels()))
                .as("another image")
                .isTrue();
    }

    private static Example marked(String name) {
        return new Example(
                "marked-" + name,
                "class-1",
                EXAMPLES.example(8, name.hashCode()).pixels(),
                0);
    }

    private static byte[] bytes(OperatorSubtaskState state) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (KeyedStateHandle handle : state.getManagedKeyedState()) {
            append(((KeyGroupsStateHandle) handle).getDelegateStateHandle(), bytes);
        }
        for (OperatorStateHandle handle : state.getManagedOperatorState()) {
            append(handle.getDelegateStateHandle(), bytes);
        }
        return bytes.toByteArray();
    }

    private static void append(StreamStateHandle handle, ByteArrayOutputStream bytes) throws Exception {
        try (InputStream in = handle.openInputStream()) {
            in.transferTo(bytes);
        }
    }

    private static boolean contains(byte[] all, byte[] part) {
        for (int from = 0; from + part.length <= all.length; from++) {
            if (Arrays.equals(all, from, from + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    /** Stopped between the order and the renewal of the prototype, on one state backend, and gone on with on another. */
    @Test
    void goesOnAfterAStopAsIfItHadNeverStopped() throws Exception {
        LearnOptions options = LearnRun.options(
                "model",
                new LearnerOptions(
                                5,
                                4,
                                new ReplayOptions(12, 6, Reservoir.CLASS_BALANCED),
                                new StepOptions(2, 2, 2),
                                new ReviewOptions(3, false, 0))
                        .with(LossOptions.classified(0.5))
                        .with(LearnRun.LEARNER.augment())
                        .withAccuracyWindow(20));
        LearnRun uninterrupted = runs.opened(LearnRun.start(options));
        LearnRun before = runs.opened(LearnRun.start(options, new EmbeddedRocksDBStateBackend(true)));
        for (LearnRun run : List.of(uninterrupted, before)) {
            run.send(0, 26).forget("1/0", "1/1", "1/2", "1/3", "1/4", "1/5", "0/0", "0/3", "0/6", "0/7", "2/7");
        }
        OperatorSubtaskState state = before.snapshot(SAVEPOINT);
        LearnRun after = runs.opened(LearnRun.restore(options, state, START));
        for (LearnRun run : List.of(uninterrupted, after)) {
            run.setTime(START + RENEWAL_DELAY_MILLIS);
            run.send(26, 50).forget("0/9").send(EXAMPLES.example(1, 2));
            for (int index = 10; index < 16; index++) {
                run.send(new Example(
                        "0/" + index, "class-2", EXAMPLES.example(0, index).pixels(), 0));
            }
            run.send(50, 60);
            run.endInput();
        }

        assertThat(after.engine().state()).isEqualTo(uninterrupted.engine().state());
        List<Embedding> embeddings = new ArrayList<>(before.embeddings());
        embeddings.addAll(after.embeddings());
        assertThat(embeddings).isEqualTo(uninterrupted.embeddings());
        List<ClassPrototype> prototypes = new ArrayList<>(before.prototypes());
        prototypes.addAll(after.prototypes());
        assertThat(prototypes).isEqualTo(uninterrupted.prototypes());
        assertThat(after.reports())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("loss", "imagesPerSecond")
                .as("but for what is of the time since the restart")
                .isEqualTo(uninterrupted.reports());
        assertThat(after.reports().get(0).getImagesForgotten()).isGreaterThan(3);
        assertThat(after.reports().get(0).getImagesMoved()).isPositive();
    }

    /** After a failure the source hands out again what came after the last checkpoint. */
    @Test
    void forgettingAgainAfterAReplayChangesNothing() throws Exception {
        LearnRun once = runs.opened(LearnRun.start(OPTIONS))
                .send(0, 24)
                .forget("0/1", "2/6", "1/7")
                .send(24, 40);
        LearnRun failed = runs.opened(LearnRun.start(OPTIONS)).send(0, 21);
        OperatorSubtaskState checkpoint = failed.snapshot();
        failed.send(21, 24).forget("0/1", "2/6", "1/7").send(24, 30);
        LearnRun again = runs.opened(LearnRun.restore(OPTIONS, checkpoint, START));
        again.send(21, 24).forget("0/1", "2/6", "1/7", "0/1").send(24, 40);

        assertThat(again.engine().state()).isEqualTo(once.engine().state());
        Set<String> forgotten = Set.of("0/1", "2/6", "1/7");
        assertThat(again.embeddings()
                        .subList(
                                again.embeddings().size() - 20,
                                again.embeddings().size()))
                .extracting(Embedding::getId)
                .doesNotContainAnyElementsOf(forgotten);
    }

    @Test
    void howFarEmbeddingsHaveMovedIsKnownRightAfterARestart() throws Exception {
        LearnRun uninterrupted = runs.opened(LearnRun.start(OPTIONS)).send(0, 24);
        LearnRun before = runs.opened(LearnRun.start(OPTIONS)).send(0, 20);
        LearnRun idle = runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START));
        LearnRun after = runs.opened(LearnRun.restore(OPTIONS, idle.snapshot(), START));
        after.setTime(START + FLUSH.toMillis()).send(20, 24);
        after.setTime(START + FLUSH.toMillis() + REPORT.toMillis());
        uninterrupted.setTime(START + REPORT.toMillis());

        LearningReport expected = uninterrupted.reports().get(0);
        assertThat(expected.getShiftCosine()).isNotNull();
        assertThat(after.reports().get(0).getShiftCosine()).isEqualTo(expected.getShiftCosine());
        assertThat(after.reports().get(0).getShiftNeighbourOverlap()).isEqualTo(expected.getShiftNeighbourOverlap());

        LearnRun quiet = runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START));
        quiet.send(20, 21).setTime(START + REPORT.toMillis());
        assertThat(quiet.reports().get(0).getShiftCosine())
                .as("before memory has been re-encoded again")
                .isNotNull();
    }
}
