package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.GeneratedExamples;
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
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.apache.flink.util.OutputTag;

/** The learning operator on a small reference encoder in Flink's test harness, from its start or from a snapshot on. */
final class LearnRun {

    static final long START = 1_700_000_000_000L;
    static final Duration FLUSH = Duration.ofSeconds(5);
    static final Duration REPORT = Duration.ofSeconds(7);
    static final int BATCH = 4;
    static final LearnerOptions LEARNER = learner(BATCH, 12, Reservoir.CLASS_BALANCED, 1);
    static final LearnOptions OPTIONS = options("model", LEARNER);
    static final GeneratedExamples EXAMPLES = new GeneratedExamples(new ImageShape(3, 8, 8), 7);
    private static final int CLASSES = 3;

    private final TrackedEngine engine = new TrackedEngine();
    private final KeyedOneInputStreamOperatorTestHarness<Tuple2<String, Integer>, Either<Example, Forget>, Embedding>
            harness;
    private long checkpoints;

    private LearnRun(LearnOptions options, int parallelism) throws Exception {
        this(options, parallelism, null, ReleaseOptions.NONE);
    }

    /** @param engines where it takes its engine from; null for the small reference encoder */
    private LearnRun(LearnOptions options, int parallelism, EngineSource engines, ReleaseOptions releases)
            throws Exception {
        LearnFunction function =
                new LearnFunction(options, engines == null ? () -> engine : engines, Lineage.UNKNOWN, releases);
        harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new LearnOperator(function, options.model()),
                example -> LearnerKey.of(options.model()),
                LearnerKey.TYPE,
                LearnerKey.MAX_PARALLELISM,
                parallelism,
                0);
        harness.setProcessingTime(START);
    }

    static LearnerOptions learner(int batchSize, int capacity, Reservoir reservoir, int refreshSteps) {
        return new LearnerOptions(
                        5,
                        batchSize,
                        new ReplayOptions(capacity, 6, reservoir),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(refreshSteps, false, 0))
                .withAccuracyWindow(20);
    }

    static LearnOptions options(String model, LearnerOptions learner) {
        return options(model, learner, "", "");
    }

    static LearnOptions startingFrom(Path weights) {
        return startingFrom(weights, "");
    }

    static LearnOptions startingFrom(Path weights, String sha256) {
        return options("model", LEARNER, weights.toUri().toString(), sha256);
    }

    private static LearnOptions options(String model, LearnerOptions learner, String initialWeights, String sha256) {
        EncoderSpec spec = new EncoderSpec(
                Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
        return new LearnOptions(
                model,
                spec,
                new InitialModel(initialWeights, sha256, ""),
                new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1),
                DeviceOptions.AUTO,
                learner,
                FLUSH,
                REPORT,
                ReplicaOptions.ONE);
    }

    /** Not yet open. */
    static LearnRun create(LearnOptions options, int parallelism) throws Exception {
        return new LearnRun(options, parallelism);
    }

    static LearnRun start(LearnOptions options) throws Exception {
        LearnRun run = new LearnRun(options, 1);
        run.open();
        return run;
    }

    /** With a real engine, whose encoder can be released; from a state, or from the start if it is null. */
    static LearnRun releasing(LearnOptions options, ReleaseOptions releases, OperatorSubtaskState state)
            throws Exception {
        LearnRun run = new LearnRun(options, 1, EngineSource.CLASS_PATH, releases);
        if (state != null) {
            run.initialize(state);
        }
        run.open();
        return run;
    }

    static LearnRun start(LearnOptions options, StateBackend backend) throws Exception {
        LearnRun run = new LearnRun(options, 1);
        run.harness.setStateBackend(backend);
        run.open();
        return run;
    }

    static LearnRun restore(LearnOptions options, OperatorSubtaskState state, long nowMillis) throws Exception {
        return restore(options, state, nowMillis, new HashMapStateBackend());
    }

    static LearnRun restore(LearnOptions options, OperatorSubtaskState state, long nowMillis, StateBackend backend)
            throws Exception {
        LearnRun run = new LearnRun(options, 1);
        run.harness.setStateBackend(backend);
        run.harness.setProcessingTime(nowMillis);
        run.initialize(state);
        run.open();
        return run;
    }

    void initialize(OperatorSubtaskState state) throws Exception {
        harness.initializeState(state);
    }

    void open() throws Exception {
        harness.open();
    }

    /** Sends images {@code from} to {@code to} (exclusive) of a stream that takes turns among three classes. */
    LearnRun send(int from, int to) throws Exception {
        for (int position = from; position < to; position++) {
            send(EXAMPLES.inTurn(position, CLASSES));
        }
        return this;
    }

    void send(Example example) throws Exception {
        harness.processElement(new StreamRecord<>(Either.Left(example)));
    }

    LearnRun forget(String... ids) throws Exception {
        for (String id : ids) {
            harness.processElement(new StreamRecord<>(Either.Right(new Forget(id))));
        }
        return this;
    }

    LearnRun setTime(long nowMillis) throws Exception {
        harness.setProcessingTime(nowMillis);
        return this;
    }

    /** The last watermark, which a source sends at its end, and a job that is stopped with drain. */
    void endInput() throws Exception {
        harness.processWatermark(Watermark.MAX_WATERMARK);
    }

    OperatorSubtaskState snapshot() throws Exception {
        harness.prepareSnapshotPreBarrier(++checkpoints);
        return harness.snapshot(checkpoints, START);
    }

    /** The newest checkpoint is complete. */
    LearnRun complete() throws Exception {
        harness.notifyOfCompletedCheckpoint(checkpoints);
        return this;
    }

    List<EncoderRelease> releases() {
        return side(LearnFunction.RELEASES);
    }

    OperatorSubtaskState snapshot(SnapshotType type) throws Exception {
        return harness.snapshotWithLocalState(++checkpoints, START, type).getJobManagerOwnedState();
    }

    void close() throws Exception {
        harness.close();
    }

    TrackedEngine engine() {
        return engine;
    }

    List<Embedding> embeddings() {
        return harness.extractOutputValues();
    }

    List<ClassPrototype> prototypes() {
        return side(LearnFunction.PROTOTYPES);
    }

    List<LearningReport> reports() {
        return side(LearnFunction.REPORTS);
    }

    int timers() {
        return harness.numProcessingTimeTimers();
    }

    private <T> List<T> side(OutputTag<T> tag) {
        List<T> values = new ArrayList<>();
        if (harness.getSideOutput(tag) != null) {
            harness.getSideOutput(tag).forEach(record -> values.add(record.getValue()));
        }
        return values;
    }
}
