package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.learner.DivergedException;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.Learner.Forgotten;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.Count;
import io.contrastream.operators.Forget;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.ProcessMemory;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.release.Releases;
import io.contrastream.operators.replica.LeadEncoder;
import io.contrastream.operators.replica.Order;
import io.contrastream.operators.replica.ReplicaMetrics;
import io.contrastream.operators.replica.TcpCollective;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.folder.ReleaseRequests.Request;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forms mini-batches and learns from them. The output is the embeddings of the images, one without a vector for an image that has been
 * forgotten: for a compacted topic, that is a tombstone. The side outputs are the changed prototypes
 * and the reports. Everything random and everything learned comes from the {@link Learner}; this class says when.
 *
 * <p><b>Mini-batches.</b> One is closed when it has as many images as the options say, or when its first image has waited for the
 * flush interval of processing time, or at the end of input. Stopping with a savepoint is no end of input, unless with drain: the
 * unfinished mini-batch waits in the savepoint. The flush interval starts anew after a restore: time in which the job did not run
 * closes no mini-batch.
 *
 * <p><b>Taking back.</b> An order to {@link Forget} takes the image out of the unfinished mini-batch and out of memory at once. The
 * prototype of its class is made anew out of the images that memory has left of it, before the next mini-batch is learned and at the
 * latest {@link #RENEWAL_DELAY} later, so that many orders in a row cost one renewal. An image that comes again
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

    static final Duration RENEWAL_DELAY = Duration.ofMillis(100);

    /** Event time of the timer that fires at the end of input: with the last watermark, and with no earlier one. */
    private static final long END_OF_INPUT = Long.MAX_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(LearnFunction.class);

    private final LearnOptions options;
    private final EngineSource engines;
    private final Lineage lineage;
    private final ReleaseOptions releaseOptions;

    private transient Consumer<Order> orders;
    private transient LearnerStateStore store;
    private transient LearnerMetrics metrics;
    private transient Encoder encoder;
    private transient Learner learner;
    private transient SignsOfLife signs;
    private transient Releases releases;
    /** Restored and not yet handed to the learner, for which keyed state is needed; else null. */
    private transient LearnerState restored;

    private transient String restoredModel;
    private transient long restoredCheckpoint;
    /** Memory of an initial state that has not yet been handed to the learner; else null. */
    private transient Map<Integer, Example> initialSlots;

    private transient List<Example> unfinished;
    private transient ReportWindow window;
    private transient boolean renewalIsDue;
    private transient long encoderVersion;
    private transient long flushAtMillis;
    private transient long reportAtMillis;

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

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        store = new LearnerStateStore(context);
        restoredModel = store.restoredModel();
        restoredCheckpoint = context.getRestoredCheckpointId().orElse(0);
        releases = new Releases(
                releaseOptions,
                options.model(),
                options.encoder(),
                options.device().threads(),
                getRuntimeContext().getMetricGroup());
        releases.restore(store.releases());
    }

    @Override
    public void open(OpenContext context) throws IOException {
        MemoryBudget.require(options.device(), getRuntimeContext());
        metrics = new LearnerMetrics(
                getRuntimeContext().getMetricGroup(), options.learner().replay().capacity());
        ProcessMemory.register(
                getRuntimeContext().getMetricGroup(), options.device().memoryLimitBytes());
        signs = new SignsOfLife(options, getRuntimeContext(), LOG);
        if (restored != null) {
            forGood(() -> StateFit.require(options, restoredModel, restored));
        } else if (!options.initial().state().isEmpty()) {
            loadInitialState();
        }
        EncoderEngine engine = engines.find();
        encoder = advised(() -> encoder(engine));
        if (restored == null && !options.initial().weights().isEmpty()) {
            loadInitialWeights();
        }
        learner = new Learner(options.learner(), encoder);
        if (restored != null) {
            forGood(() -> {
                learner.requireFit(restored);
                encoder.load(restored.encoder());
            });
            encoderVersion = restored.encoder().step();
        }
        signs.started(engine.name(), encoder, from());
    }

    /** The learners beside this one, which take its {@link #ORDERS}. */
    public ReplicaFunction others() {
        return new ReplicaFunction(options, engines);
    }

    /** Where orders go to other learners; to be said before it is opened. */
    void sendOrdersTo(Consumer<Order> others) {
        orders = others;
    }

    /** Name of the model that is restored; empty if none is. */
    String restoredModel() {
        return restoredModel;
    }

    /** Reads what is restored, under the key of its model. */
    void readRestored() throws Exception {
        restored = store.restored();
    }

    private void loadInitialState() throws IOException {
        try {
            SavedLearner saved = InitialState.read(options);
            restored = saved.state();
            initialSlots = saved.slots();
        } catch (IllegalArgumentException | ReleaseException | WeightsException e) {
            throw new SuppressRestartsException(e);
        }
    }

    private String from() {
        int restarts = getRuntimeContext().getTaskInfo().getAttemptNumber();
        String attempt = restarts == 0 ? "" : " (restart " + restarts + ")";
        if (initialSlots != null) {
            return String.format(
                            Locale.ROOT,
                            "a new model from %s, at version %,d with %s",
                            options.initial().state(),
                            encoderVersion,
                            learned(restored))
                    + attempt;
        }
        if (restored != null) {
            return String.format(
                            Locale.ROOT,
                            "restored at version %,d with %s from checkpoint %d",
                            encoderVersion,
                            learned(restored),
                            restoredCheckpoint)
                    + attempt;
        }
        return (options.initial().weights().isEmpty()
                        ? "a new model with random weights"
                        : "a new model from " + options.initial().weights())
                + attempt;
    }

    private static String learned(LearnerState state) {
        long images = state.progress().imagesSeen();
        return String.format(Locale.ROOT, "%,d %s learned", images, Count.noun(images, "image"));
    }

    private Encoder encoder(EncoderEngine engine) {
        ReplicaMetrics replicaMetrics = new ReplicaMetrics(getRuntimeContext().getMetricGroup(), 0);
        if (options.replicas().several()) {
            TcpCollective collective = new TcpCollective(0, options.replicas());
            return new LeadEncoder(
                    ReplicaTask.encoder(engine, options, collective, getRuntimeContext()),
                    collective,
                    ReplicaTask.address(getRuntimeContext()),
                    orders,
                    replicaMetrics);
        }
        try {
            engine.requireAskedFor(options.device());
            return engine.create(
                    options.encoder(),
                    options.training(),
                    options.device(),
                    options.learner().seed());
        } catch (IllegalArgumentException e) {
            // Starting again would not make it different.
            throw new SuppressRestartsException(e);
        }
    }

    private void loadInitialWeights() throws IOException {
        try {
            EncoderWeights weights = InitialWeights.read(options);
            encoder.load(weights.start(options.encoder()));
            LOG.info(
                    "model '{}' starts from {}: {}",
                    options.model(),
                    options.initial().weights(),
                    weights.match());
        } catch (WeightsException e) {
            throw new SuppressRestartsException(e);
        }
    }

    /** Starting again would not make it different. */
    private static void forGood(Runnable check) {
        try {
            check.run();
        } catch (IllegalArgumentException e) {
            throw new SuppressRestartsException(e);
        }
    }

    static void requireOneSubtask(RuntimeContext context) {
        int subtasks = context.getTaskInfo().getNumberOfParallelSubtasks();
        if (subtasks != 1) {
            throw new IllegalStateException("the learning operator must have parallelism 1, but has " + subtasks);
        }
    }

    @Override
    public void processElement(Either<Example, Forget> input, Context context, Collector<Embedding> out)
            throws Exception {
        wake(context, out);
        if (input.isLeft()) {
            Optional<Example> example = whole(input.left());
            if (example.isPresent()) {
                add(example.get(), context, out);
            }
        } else {
            forget(input.right().id(), context, out);
        }
        metrics.unfinished(unfinished.size());
        metrics.takenBack(window.takenBack());
    }

    /** As it came, with the pixels that are there of it if it is a label alone; nothing if these are not there, or have the labels. */
    private Optional<Example> whole(Example example) {
        if (!example.isLabelAlone()) {
            return Optional.of(example);
        }
        return unfinished.stream()
                .filter(waiting -> waiting.id().equals(example.id()))
                .reduce((earlier, later) -> later)
                .or(() -> learner.remembered(example.id()))
                .filter(known -> !known.labels().equals(example.labels()))
                .map(known -> new Example(
                        known.id(), example.label(), known.pixels(), known.eventTimeMillis(), example.furtherLabels()));
    }

    private void add(Example example, Context context, Collector<Embedding> out) throws Exception {
        if (unfinished.isEmpty()) {
            flushAtMillis = timer(context.timerService(), options.flushInterval());
            context.timerService().registerEventTimeTimer(END_OF_INPUT);
        }
        unfinished.add(example);
        store.add(example);
        learnFull(context, out);
    }

    private void forget(String id, Context context, Collector<Embedding> out) throws Exception {
        boolean waited = unfinished.removeIf(waiting -> waiting.id().equals(id));
        if (waited) {
            store.unfinished(unfinished);
        }
        Forgotten forgotten = learner.forget(id);
        store.changed(learner, forgotten.changedSlots());
        window.forgotten(id, waited || forgotten.copies() > 0);
        metrics.progress(encoderVersion, learner);
        Records records = records(context);
        // Also for an image that is not there: its embedding may have been published long ago.
        out.collect(records.forgotten(id));
        forgotten.lostPrototypes().forEach(label -> context.output(PROTOTYPES, records.lost(label)));
        planRenewal(context);
    }

    private void planRenewal(Context context) {
        if (!renewalIsDue && learner.hasStalePrototypes()) {
            renewalIsDue = true;
            timer(context.timerService(), RENEWAL_DELAY);
            context.timerService().registerEventTimeTimer(END_OF_INPUT);
        }
    }

    private void renewPrototypes(Context context) {
        if (renewalIsDue) {
            renewalIsDue = false;
            Records records = records(context);
            learner.renewed().forEach(prototype -> context.output(PROTOTYPES, records.of(prototype)));
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Embedding> out) throws Exception {
        wake(context, out);
        renewPrototypes(context);
        boolean end = context.timeDomain() == TimeDomain.EVENT_TIME;
        long nowMillis = context.timerService().currentProcessingTime();
        if (!unfinished.isEmpty() && (end || nowMillis >= flushAtMillis)) {
            learn(unfinished.size(), context, out);
        }
        if (end || nowMillis >= reportAtMillis) {
            LearningReport report = window.close(learner, encoderVersion, releases.refusal(), nowMillis);
            signs.progressed(report, nowMillis);
            context.output(REPORTS, report);
            if (!end) {
                reportAtMillis = timer(context.timerService(), options.reportInterval());
            }
        }
        metrics.unfinished(unfinished.size());
    }

    /**
     * Does the part of the opening that needs a key: in {@link #open} there is none, and without one neither keyed state nor timers.
     * Timers that were restored only wake; when the next ones are due is decided anew.
     */
    private void wake(Context context, Collector<Embedding> out) throws Exception {
        if (unfinished != null) {
            return;
        }
        takeOver();
        metrics.progress(encoderVersion, learner);
        TimerService timers = context.timerService();
        window = new ReportWindow(options, timers.currentProcessingTime());
        Optional<byte[]> reports = store.reports();
        if (reports.isPresent()) {
            window.restore(reports.get());
        }
        metrics.takenBack(window.takenBack());
        metrics.unlabelled(window.unlabelled());
        window.shift().ifPresent(metrics::shifted);
        reportAtMillis = timer(timers, options.reportInterval());
        unfinished = store.unfinished();
        if (!unfinished.isEmpty()) {
            flushAtMillis = timer(timers, options.flushInterval());
        }
        planRenewal(context);
        // What was stored may be more than a full mini-batch under the options of now.
        learnFull(context, out);
    }

    private void takeOver() throws Exception {
        if (restored != null) {
            if (initialSlots != null) {
                store.slots(initialSlots);
                initialSlots = null;
            }
            learner.restore(restored, store.slots());
            restored = null;
        }
    }

    private static long timer(TimerService timers, Duration delay) {
        long at = timers.currentProcessingTime() + delay.toMillis();
        timers.registerProcessingTimeTimer(at);
        return at;
    }

    private void learnFull(Context context, Collector<Embedding> out) throws Exception {
        while (unfinished.size() >= options.learner().batchSize()) {
            learn(options.learner().batchSize(), context, out);
            // A timer of that time may be the report's too.
            if (unfinished.isEmpty() && flushAtMillis != reportAtMillis) {
                context.timerService().deleteProcessingTimeTimer(flushAtMillis);
            }
        }
    }

    private void learn(int images, Context context, Collector<Embedding> out) throws Exception {
        List<Example> batch = List.copyOf(unfinished.subList(0, images));
        long versionBefore = encoderVersion;
        long startNanos = System.nanoTime();
        MiniBatchResult result = learned(batch);
        renewalIsDue = false; // learning began with it
        metrics.learned(result, learner, System.nanoTime() - startNanos);
        encoderVersion = result.encoderVersion();
        unfinished = new ArrayList<>(unfinished.subList(images, unfinished.size()));
        store.unfinished(unfinished);
        store.changed(learner, result.changedSlots());
        window.add(result);
        metrics.takenBack(window.takenBack());
        metrics.unlabelled(window.unlabelled());
        window.shift().ifPresent(metrics::shifted);
        metrics.peakDevice(encoder.diagnostics().peakDeviceBytes());
        publish(result, context, out);
        releases.learned(versionBefore, learner, encoder, context.timerService().currentProcessingTime());
    }

    /**
     * Does what has been asked for about releases, under the learner's key and before a checkpoint.
     *
     * @param embeddings takes those of memory, if the weights are others now
     * @param prototypes takes those of all classes, if the weights are others now
     */
    void beforeBarrier(long nowMillis, Consumer<Embedding> embeddings, Consumer<ClassPrototype> prototypes)
            throws Exception {
        for (Request request : releases.asked()) {
            takeOver();
            if (request.goBackTo().isEmpty()) {
                releases.release(request, learner, encoder, nowMillis);
                continue;
            }
            Optional<List<Tensor>> weights =
                    releases.goBack(request, encoder.step(), options.learner().seed());
            if (weights.isPresent()) {
                Learner.Renewed renewed = advised(() -> learner.goOnFrom(weights.get()));
                encoderVersion = encoder.step();
                metrics.progress(encoderVersion, learner);
                Records records = new Records(encoderVersion, Instant.ofEpochMilli(nowMillis));
                renewed.refreshed().forEach(image -> embeddings.accept(records.of(image)));
                renewed.prototypes().forEach(prototype -> prototypes.accept(records.of(prototype)));
            }
        }
    }

    /** A checkpoint is complete: what is to be announced because of it. */
    List<EncoderRelease> released(long checkpoint) {
        return releases.completed(checkpoint);
    }

    private MiniBatchResult learned(List<Example> batch) {
        try {
            return advised(() -> learner.learn(batch));
        } catch (DivergedException e) {
            // Learning the same images again from the same checkpoint ends in the same way.
            throw new SuppressRestartsException(e);
        }
    }

    /** The options are those of the job: nothing here knows them except for those that a reader of the failure needs. */
    static <T> T advised(Supplier<T> work) {
        try {
            return work.get();
        } catch (EncoderMemoryException e) {
            throw e.advising(
                    "raise encoder.memory-limit, or on a cluster without it taskmanager.memory.process.size; or lower"
                            + " learner.batch-size or learner.recall-size");
        }
    }

    private Records records(Context context) {
        return new Records(
                encoderVersion, Instant.ofEpochMilli(context.timerService().currentProcessingTime()));
    }

    private void publish(MiniBatchResult result, Context context, Collector<Embedding> out) {
        Records records = records(context);
        result.learned().stream()
                .filter(learned -> learned.embedding() != null)
                .forEach(learned -> out.collect(records.of(learned)));
        result.refreshed().forEach(refreshed -> out.collect(records.of(refreshed)));
        result.lostPrototypes().forEach(label -> context.output(PROTOTYPES, records.lost(label)));
        result.prototypes().forEach(prototype -> context.output(PROTOTYPES, records.of(prototype)));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        if (initialSlots != null) {
            store.slots(initialSlots);
            store.snapshot(options.model(), restored, null);
        } else if (restored == null) {
            store.snapshot(options.model(), learner.state(), window == null ? null : window.state());
        } // Until the learner has taken over what was restored, that is still in the store.
        long imagesSeen = restored == null
                ? learner.figures().imagesSeen()
                : restored.progress().imagesSeen();
        store.releases(releases.snapshot(context.getCheckpointId()));
        store.summarize(new StateSummary(options.model(), lineage, encoderVersion, imagesSeen));
    }

    @Override
    public void close() {
        if (learner != null) {
            learner.close();
        }
        if (encoder != null) {
            encoder.close();
            encoder = null;
        }
    }
}
