package io.contrastream.operators.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.operators.Forget;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.state.LearnerKey;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.schemas.Embedding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.CheckpointStorageAccess;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures the bytes that a checkpoint of a replay memory of large images copies on the task's thread and writes. {@code -Dreplay.images=20000} for
 * as many as memory is meant for, with a heap of 8 GB.
 */
class LargeReplayTest {

    private static final int IMAGES = Integer.getInteger("replay.images", 200);
    private static final int MORE = 20;
    private static final ImageShape SHAPE = new ImageShape(3, 224, 224);
    private static final int BATCH = 20;

    @TempDir
    private Path folder;

    @Test
    void anIncrementalCheckpointWritesOnlyWhatHasChanged() throws Exception {
        Sizes sizes = checkpoints("RocksDB, incremental", new EmbeddedRocksDBStateBackend(true));

        assertThat(sizes.first).isGreaterThan((long) IMAGES * SHAPE.size());
        // A new image is written as one of the unfinished mini-batch and as one of memory, and the weights are written
        // anew.
        assertThat(sizes.second).isLessThan(3L * MORE * SHAPE.size());
    }

    @Test
    void aCheckpointOfTheHeapWritesEverythingAndCopiesNothingOnTheTaskThread() throws Exception {
        Sizes sizes = checkpoints("heap", new HashMapStateBackend());

        assertThat(sizes.second).isGreaterThan((long) IMAGES * SHAPE.size());
    }

    /** Fills memory, takes a checkpoint, goes on a little and takes another. */
    private Sizes checkpoints(String name, StateBackend backend) throws Exception {
        CheckpointStorageAccess storage =
                new FileSystemCheckpointStorage(folder.toUri()).createCheckpointStorage(new JobID());
        storage.initializeBaseLocationsForCheckpoint();
        LearnOptions options = options();
        KeyedOneInputStreamOperatorTestHarness<Tuple2<String, Integer>, Either<Example, Forget>, Embedding> harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new LearnOperator(new LearnFunction(options, ReferenceEngine::new), options.model()),
                        example -> LearnerKey.of(options.model()),
                        LearnerKey.TYPE,
                        LearnerKey.MAX_PARALLELISM,
                        1,
                        0);
        try {
            harness.setStateBackend(backend);
            harness.setCheckpointStorage(new FileSystemCheckpointStorage(folder.toUri()));
            harness.open();
            send(harness, 0, IMAGES);
            long first = checkpoint(name + ", first", harness, storage, 1);
            harness.notifyOfCompletedCheckpoint(1);
            send(harness, IMAGES, IMAGES + MORE);
            return new Sizes(first, checkpoint(name + ", second", harness, storage, 2));
        } finally {
            harness.close();
        }
    }

    private static void send(
            KeyedOneInputStreamOperatorTestHarness<Tuple2<String, Integer>, Either<Example, Forget>, Embedding> harness,
            int from,
            int to)
            throws Exception {
        for (int i = from; i < to; i++) {
            byte[] pixels = new byte[SHAPE.size()];
            new Random(i).nextBytes(pixels);
            harness.processElement(
                    new StreamRecord<>(Either.Left(new Example("image-" + i, "label-" + i % 10, pixels, i))));
        }
        harness.getOutput().clear();
    }

    /** @return the bytes that it wrote */
    private static long checkpoint(
            String name,
            KeyedOneInputStreamOperatorTestHarness<Tuple2<String, Integer>, Either<Example, Forget>, Embedding> harness,
            CheckpointStorageAccess storage,
            long id)
            throws Exception {
        CheckpointStorageLocationReference reference = CheckpointStorageLocationReference.getDefault();
        long start = System.nanoTime();
        OperatorSnapshotFutures snapshot = harness.getOperator()
                .snapshotState(
                        id,
                        id,
                        CheckpointOptions.forCheckpointWithDefaultLocation(),
                        storage.resolveCheckpointStorageLocation(id, reference));
        long copied = System.nanoTime();
        OperatorSubtaskState state = OperatorSnapshotFinalizer.create(snapshot).getJobManagerOwnedState();
        System.out.printf(
                "Checkpoint of %d images, %s: %.0f ms on the task's thread, %.0f ms beside it, %.1f of %.1f MiB written%n",
                IMAGES,
                name,
                (copied - start) / 1e6,
                (System.nanoTime() - copied) / 1e6,
                state.getCheckpointedSize() / 1048576.0,
                state.getStateSize() / 1048576.0);
        return state.getCheckpointedSize();
    }

    /** A learner that remembers every image and does as little else as possible. */
    private static LearnOptions options() {
        return new LearnOptions(
                "model",
                new EncoderSpec(Architecture.RESNET18_SLIM, Stem.IMAGENET, 2, SHAPE, 8, Normalization.CIFAR100),
                InitialModel.OF_SEED,
                new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1),
                DeviceOptions.AUTO,
                new LearnerOptions(
                                5,
                                BATCH,
                                new ReplayOptions(IMAGES + MORE, 0, Reservoir.UNIFORM),
                                new StepOptions(1, 1, 2),
                                new ReviewOptions(1_000_000, false, 0))
                        .withAccuracyWindow(20),
                Duration.ofHours(1),
                Duration.ofHours(1),
                ReplicaOptions.ONE);
    }

    private record Sizes(long first, long second) {}
}
