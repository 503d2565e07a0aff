package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.learner.DivergedException;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.operators.Forget;
import io.contrastream.operators.learn.minibatch.Publisher;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.state.LearnerKey;
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.release.Releases;
import io.contrastream.operators.replica.Order;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Forms mini-batches and learns from them. The output is the embeddings of the images, one without a vector for an image that has been
 * forgotten: for a compacted topic, that is a tombstone. The side outputs are the changed prototypes
 * and the reports. Everything random and everything learned comes from the {@link Learner}; this package and those inside it say when.
 *
 * <p>This class is what Flink calls. A {@code LearnerStart} opens the learner or refuses to; what there is of it from then to the closing is a
 * {@code LearnerLife}; its {@code MiniBatches} are closed by their size or by a {@code MiniBatchClock}, and {@code MiniBatchListener}s keep
 * reports, metrics and the shift of memory.
 *
 * <p><b>Mini-batches.</b> One is closed when it has as many images as the options say, or when its first image has waited for the
 * flush interval of processing time, or at the end of input. Stopping with a savepoint is no end of input, unless with drain: the
 * unfinished mini-batch waits in the savepoint. The flush interval starts anew after a restore: time in which the job did not run
 * closes no mini-batch.
 *
 * <p><b>Taking back.</b> An order to {@link Forget} takes the image out of the unfinished mini-batch and out of memory at once. The
 * prototype of its class is made anew out of the images that memory has left of it, before the next mini-batch is learned and at the
 * latest 100 ms later, so that many orders in a row cost one renewal. An image that comes again
 * takes its own place in memory; with other labels, it moves to their classes. An order that is repeated, as after a failure, changes nothing.
 *
 * <p><b>Reports</b> are made every report interval from the first image on, whether or not there were new ones, and at the end of
 * input.
 *
 * <p><b>Parallelism.</b> One subtask, with a maximum parallelism of {@value LearnerKey#MAX_PARALLELISM}: the stream is keyed by the
 * model's name and a replica's number, and the weights have one writer. A job that sets the parallelism higher fails when it starts.
 * Everything else in the job may be rescaled freely. The function runs in a {@link LearnOperator}. Where the options ask for several
 * learners, this is the first one, and takes optimiser steps together with the others, in {@link ReplicaFunction}.
 *
 * <p><b>Divergence.</b> When the learner gives up ({@link DivergedException}) the job fails for good, without a restart: it would
 * only come to the same end. Its last checkpoint is kept, to go on from with other options.
 *
 * <p><b>Memory.</b> A memory limit above what the TaskManager has fails the job for good when it starts. When the engine is refused memory ({@link EncoderMemoryException}) the task fails, naming the options to change,
 * and the job restarts from its last checkpoint.
 *
 * <p><b>Restore.</b> All of it is exactly as it was, and the operator goes on as if it had never stopped. A state that does not fit
 * the options fails the job for good, naming every option that differs, its stored and its configured value.
 *
 * <p><b>Releases</b> are written after a mini-batch, or before a checkpoint if one is asked for, and announced after it, as {@link Releases}
 * has it. There it is looked whether the learner is to go on from an older one.
 *
 * <p><b>Initial weights</b>, and an initial state, are read when there is nothing to restore, where the task runs. If they do not fit
 * the job fails for good; if the file cannot be reached, as any task fails. Of an initial state, the unfinished mini-batch is left.
 */
public final class LearnFunction
        extends KeyedProcessFunction<Tuple2<String, Integer>, Either<Example, Forget>, Embedding>
        implements CheckpointedFunction {

    /**
     * Prototypes that changed. One with support 0 and without a vector says that its class has no image in memory any more, and so
     * no prototype: for a compacted topic, that is a tombstone.
     */
    public static final OutputTag<ClassPrototype> PROTOTYPES =
            new OutputTag<>("prototypes", new AvroTypeInfo<>(ClassPrototype.class));

    /** How the learning goes. */
    public static final OutputTag<LearningReport> REPORTS =
            new OutputTag<>("reports", new AvroTypeInfo<>(LearningReport.class));

    /** Announcements of releases, each once a checkpoint is complete that contains it. */
    public static final OutputTag<EncoderRelease> RELEASES =
            new OutputTag<>("releases", new AvroTypeInfo<>(EncoderRelease.class));

    /** Orders to the other learners, where there are several. */
    public static final OutputTag<Order> ORDERS = new OutputTag<>("orders", TypeInformation.of(Order.class));

    private final LearnOptions options;
    private final EngineSource engines;
    private final Lineage lineage;
    private final ReleaseOptions releaseOptions;

    /** Until the opening; else null. */
    private transient LearnerStart start;

    private transient Consumer<Order> orders;

    /** From the opening to the closing; else null. */
    private transient LearnerLife life;

    /** With the engine on the class path. */
    public LearnFunction(LearnOptions options) {
        this(options, EngineSource.CLASS_PATH);
    }

    public LearnFunction(LearnOptions options, EngineSource engines) {
        this(options, engines, Lineage.UNKNOWN);
    }

    /** @param lineage what every checkpoint is to tell of where the learner belongs */
    public LearnFunction(LearnOptions options, EngineSource engines, Lineage lineage) {
        this(options, engines, lineage, ReleaseOptions.NONE);
    }

    /**
     * @param lineage what every checkpoint is to tell of where the learner belongs
     * @param releaseOptions when it releases its encoder
     */
    public LearnFunction(LearnOptions options, EngineSource engines, Lineage lineage, ReleaseOptions releaseOptions) {
        this.options = options;
        this.engines = engines;
        this.lineage = lineage;
        this.releaseOptions = releaseOptions;
    }

    /** The learners beside this one, which take its {@link #ORDERS}. */
    public ReplicaFunction others() {
        return new ReplicaFunction(options, engines);
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        start = new LearnerStart(options, releaseOptions, getRuntimeContext(), context);
    }

    /** Name of the model that is restored; empty if none is. */
    String restoredModel() {
        return start.restoredModel();
    }

    /** Reads the restored state, under the key of its model. */
    void readRestored() throws Exception {
        start.readRestored();
    }

    /** Where orders go to other learners; to be said before it is opened. */
    void sendOrdersTo(Consumer<Order> others) {
        orders = others;
    }

    @Override
    public void open(OpenContext context) throws IOException {
        life = start.open(engines, orders);
        start = null; // with it the restored state, once the learner has taken that over
    }

    @Override
    public void processElement(Either<Example, Forget> input, Context context, Collector<Embedding> out)
            throws Exception {
        Publisher publisher = publisher(context, out);
        life.miniBatches(context.timerService(), publisher).take(input, publisher);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Embedding> out) throws Exception {
        Publisher publisher = publisher(context, out);
        boolean end = context.timeDomain() == TimeDomain.EVENT_TIME;
        life.miniBatches(context.timerService(), publisher)
                .wake(end, publisher)
                .ifPresent(report -> context.output(REPORTS, report));
    }

    private static Publisher publisher(Context context, Collector<Embedding> out) {
        return new Publisher(out::collect, prototype -> context.output(PROTOTYPES, prototype));
    }

    /**
     * Does what has been asked for about releases, under the learner's key and before a checkpoint.
     *
     * @param publisher takes the embeddings of memory and the prototypes of all classes, if the weights are others now
     */
    void beforeBarrier(long nowMillis, Publisher publisher) throws Exception {
        life.beforeBarrier(nowMillis, publisher);
    }

    /** Announcements to be made because a checkpoint is complete. */
    List<EncoderRelease> released(long checkpoint) {
        return life.released(checkpoint);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        life.snapshot(context.getCheckpointId(), lineage);
    }

    @Override
    public void close() {
        if (life != null) {
            life.close();
            life = null;
        }
    }
}
