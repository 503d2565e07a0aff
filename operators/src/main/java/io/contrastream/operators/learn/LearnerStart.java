package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.operators.Count;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.ProcessMemory;
import io.contrastream.operators.learn.minibatch.OpenLearner;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.option.MemoryAdvice;
import io.contrastream.operators.learn.origin.InitialState;
import io.contrastream.operators.learn.origin.InitialWeights;
import io.contrastream.operators.learn.origin.LearnerOrigin;
import io.contrastream.operators.learn.origin.StateFit;
import io.contrastream.operators.learn.state.LearnerStateStore;
import io.contrastream.operators.learn.watch.SignsOfLife;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.release.Releases;
import io.contrastream.operators.replica.LeadEncoder;
import io.contrastream.operators.replica.Order;
import io.contrastream.operators.replica.ReplicaMetrics;
import io.contrastream.operators.replica.TcpCollective;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.weights.EncoderWeights;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start of a learner where its task runs: from the state that Flink restores, else from an initial state or initial weights, else with
 * the weights of the seed. What does not fit the options or the TaskManager fails the job for good, with the reason; a file that cannot be
 * reached fails it as any task does.
 *
 * <p>The order of calls is that of Flink's: the constructor; {@link #readRestored} under the key of {@link #restoredModel}; {@link #open}.
 */
final class LearnerStart {

    private static final Logger LOG = LoggerFactory.getLogger(LearnerStart.class);

    private final LearnOptions options;
    private final RuntimeContext context;
    private final LearnerStateStore store;
    private final Releases releases;
    private final String restoredModel;
    private final long checkpoint;
    private Optional<LearnerState> restored = Optional.empty();

    /** @param state of Flink, restored or empty */
    LearnerStart(
            LearnOptions options,
            ReleaseOptions releaseOptions,
            RuntimeContext context,
            FunctionInitializationContext state)
            throws Exception {
        this.options = options;
        this.context = context;
        store = new LearnerStateStore(state);
        restoredModel = store.restoredModel();
        checkpoint = state.getRestoredCheckpointId().orElse(0);
        releases = new Releases(
                releaseOptions,
                options.model(),
                options.encoder(),
                options.device().threads(),
                context.getMetricGroup());
        releases.restore(store.releases());
    }

    /** Name of the model that is restored; empty if none is. */
    String restoredModel() {
        return restoredModel;
    }

    /** Reads the state that is restored, if there is one, under the key of its model. */
    void readRestored() throws Exception {
        restored = Optional.ofNullable(store.restored());
    }

    /**
     * Opens the learner, or refuses to. Nothing stays open if this fails.
     *
     * @param orders takes the orders to other learners, if there are several
     * @throws SuppressRestartsException if starting again would not make a difference: the state, the initial state or weights, the engine
     *     or the TaskManager's memory do not fit the options
     * @throws IOException if an initial state or initial weights cannot be reached
     */
    LearnerLife open(EngineSource engines, Consumer<Order> orders) throws IOException {
        MemoryBudget.require(options.device(), context);
        MetricGroup group = context.getMetricGroup();
        LearnerMetrics metrics =
                new LearnerMetrics(group, options.learner().replay().capacity());
        ProcessMemory.register(group, options.device().memoryLimitBytes());
        SignsOfLife signs = new SignsOfLife(options, context, LOG);
        Optional<LearnerOrigin> origin = origin();
        EncoderEngine engine = engines.find();
        OpenLearner open = learner(engine, origin, orders);
        signs.started(engine.name(), open.encoder(), from(origin) + attempt());
        return new LearnerLife(options, store, open, releases, metrics, signs);
    }

    private Optional<LearnerOrigin> origin() throws IOException {
        if (restored.isPresent()) {
            forGood(() -> StateFit.require(options, restoredModel, restored.get()));
            return restored.map(LearnerOrigin::restored);
        }
        return options.initial().state().isEmpty() ? Optional.empty() : Optional.of(initialState());
    }

    private LearnerOrigin initialState() throws IOException {
        try {
            return LearnerOrigin.initial(InitialState.read(options));
        } catch (IllegalArgumentException | ReleaseException | WeightsException e) {
            throw new SuppressRestartsException(e);
        }
    }

    private OpenLearner learner(EncoderEngine engine, Optional<LearnerOrigin> origin, Consumer<Order> orders)
            throws IOException {
        Encoder encoder = MemoryAdvice.advised(() -> encoder(engine, orders));
        try {
            if (origin.isEmpty() && !options.initial().weights().isEmpty()) {
                loadInitialWeights(encoder);
            }
            OpenLearner open = new OpenLearner(encoder, new Learner(options.learner(), encoder));
            origin.ifPresent(state -> forGood(() -> open.goOnFrom(state)));
            return open;
        } catch (IOException | RuntimeException | Error e) {
            encoder.close(); // a learner has no threads before its first mini-batch
            throw e;
        }
    }

    private Encoder encoder(EncoderEngine engine, Consumer<Order> orders) {
        ReplicaMetrics replicaMetrics = new ReplicaMetrics(context.getMetricGroup(), 0);
        if (options.replicas().several()) {
            TcpCollective collective = new TcpCollective(0, options.replicas());
            return new LeadEncoder(
                    ReplicaTask.encoder(engine, options, collective, context),
                    collective,
                    ReplicaTask.address(context),
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
            throw new SuppressRestartsException(e);
        }
    }

    private void loadInitialWeights(Encoder encoder) throws IOException {
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

    private String from(Optional<LearnerOrigin> origin) {
        if (origin.isEmpty()) {
            return options.initial().weights().isEmpty()
                    ? "a new model with random weights"
                    : "a new model from " + options.initial().weights();
        }
        LearnerState state = origin.get().state();
        long images = state.progress().imagesSeen();
        String learned = String.format(
                Locale.ROOT,
                "at version %,d with %,d %s learned",
                state.encoder().step(),
                images,
                Count.noun(images, "image"));
        return origin.get().inStore()
                ? "restored " + learned + " from checkpoint " + checkpoint
                : "a new model from " + options.initial().state() + ", " + learned;
    }

    private String attempt() {
        int restarts = context.getTaskInfo().getAttemptNumber();
        return restarts == 0 ? "" : " (restart " + restarts + ")";
    }
}
