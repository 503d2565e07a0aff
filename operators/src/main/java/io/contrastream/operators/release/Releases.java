package io.contrastream.operators.release;

import io.contrastream.embedding.Strangeness;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerFigures;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.learner.Survey;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.release.ReleaseState.Answer;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Manifest.StoredFile;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.releases.folder.ReleaseRequests.Request;
import io.contrastream.releases.onnx.OnnxExport;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.EncoderRelease;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases a learner's encoder in two steps: when a release is due and passes the {@link Gate}, its files are written; when a checkpoint
 * is complete that contains the learner of that version, the manifest makes it a release, and it is announced.
 *
 * <p>What waits for its checkpoint is part of that checkpoint. So a learner that goes on from it makes complete, and announces, what the
 * last one may or may not have come to announce; and of the attempts after it nothing was ever a release: they are made anew, at the same
 * versions where learning repeats itself. A release that is there is never changed. To make complete is idempotent. The announcement is an output of the operator after the
 * checkpoint: sinks that write exactly once write it exactly once.
 *
 * <p>What is asked for in {@link ReleaseRequests} is looked for and done before a checkpoint, and answered when that is complete. What has been
 * done is part of it, so that a request is done once: a learner that goes on from an earlier checkpoint does it anew, and from this one no more.
 *
 * <p>Nothing that goes wrong with a release stops the learner: it is reported, and the next one comes. Not thread-safe.
 */
public final class Releases {

    private static final Logger LOG = LoggerFactory.getLogger(Releases.class);

    private static final String REFUSED = "refused: ";

    /** In a manifest: thresholds for rates of a thousandth can be taken from them. */
    private static final int MOST_STRANGENESS = 2000;

    private final ReleaseOptions options;
    private final String model;
    private final EncoderSpec spec;
    private final ReleaseDirectory directory;
    private final ReleaseRequests requests;
    private final ReleaseMetrics metrics;
    private final Gate gate;

    private ReleaseState state = ReleaseState.NONE;
    private String refusal = "";

    /**
     * @param threads of one operation when the exported network is tried; 0 for as many as there are cores
     * @param group for its metrics, if there are releases at all
     */
    public Releases(ReleaseOptions options, String model, EncoderSpec spec, int threads, MetricGroup group) {
        this.options = options;
        this.model = model;
        this.spec = spec;
        directory = new ReleaseDirectory(options.directory());
        requests = new ReleaseRequests(options.directory(), model);
        metrics = new ReleaseMetrics(options.enabled() ? group : new UnregisteredMetricsGroup());
        gate = new Gate(options, spec.input(), threads);
    }

    /** Goes on from a stored state. */
    public void restore(ReleaseState restored) {
        state = restored;
        metrics.restored(state.lastVersion());
    }

    /** The part of the checkpoint: all that has not been announced yet is in it from then on. */
    public ReleaseState snapshot(long checkpoint) {
        state = state.inCheckpoint(checkpoint);
        return state;
    }

    /** Why the newest candidate was refused, with its version; empty if it was not. */
    public String refusal() {
        return refusal;
    }

    /**
     * Makes a candidate if one is due after a mini-batch.
     *
     * @param before version before the mini-batch
     */
    public void learned(long before, Learner learner, Encoder encoder, long nowMillis) {
        if (!options.enabled() || !isDue(before, encoder.step(), nowMillis)) {
            return;
        }
        make(learner, encoder, nowMillis);
    }

    private void make(Learner learner, Encoder encoder, long nowMillis) {
        state = state.tried(nowMillis);
        try {
            candidate(learner, encoder, nowMillis)
                    .ifPresentOrElse(reason -> refused(encoder.step(), reason, null), () -> refusal = "");
        } catch (IOException e) {
            refused(encoder.step(), Reason.of(e), e);
        }
    }

    /** Requests that have not been done, in the order of asking. */
    public List<Request> asked() {
        if (!options.enabled()) {
            return List.of();
        }
        try {
            return requests.waiting().stream()
                    .filter(request -> !state.hasAnswered(request.id()))
                    .toList();
        } catch (IOException e) {
            LOG.warn("Requests for releases of model '{}' cannot be read: {}", model, Reason.of(e), e);
            return List.of();
        }
    }

    /** Makes a candidate because it was asked for. */
    public void release(Request request, Learner learner, Encoder encoder, long nowMillis) {
        long version = encoder.step();
        if (version <= state.lastVersion()) {
            state = state.answered(
                    request.id(), state.lastVersion(), "released already: " + folder(state.lastVersion()));
            return;
        }
        LOG.info("A release of model '{}' is asked for: request {}", model, request.id());
        make(learner, encoder, nowMillis);
        state = refusal.isEmpty()
                ? state.answered(request.id(), version, "released: " + folder(version))
                : state.answered(request.id(), -1, REFUSED + refusal);
    }

    /**
     * Goes back to an older release because it was asked for: what waits for a checkpoint is left, and the older one is announced again
     * when the next is complete.
     *
     * @param version that the learner has come to
     * @return the weights to go on from; empty if that is refused
     */
    public Optional<List<Tensor>> goBack(Request request, long version, long seed) {
        long older = request.goBackTo().orElseThrow();
        try {
            if (version == 0) {
                throw new ReleaseException(
                        folder(older), "the model has not learned yet; start it with encoder.initial-weights");
            }
            Release release = Release.open(folder(older));
            release.verify();
            List<Tensor> weights = release.weights(spec, seed).parameters();
            state = state.backTo(release.manifest())
                    .answered(
                            request.id(),
                            older,
                            "gone back: version " + (version + 1) + " has the weights of " + release.uri());
            refusal = "";
            LOG.info("Model '{}' goes on from {}: version {} has its weights", model, release.uri(), version + 1);
            return Optional.of(weights);
        } catch (IOException e) {
            LOG.warn("Model '{}' does not go back to version {}: {}", model, older, Reason.of(e), e);
            state = state.answered(request.id(), -1, REFUSED + Reason.of(e));
            return Optional.empty();
        }
    }

    private String folder(long version) {
        return directory.folder(model, version);
    }

    private void refused(long version, String reason, Throwable cause) {
        metrics.refused();
        refusal = "version " + version + ": " + reason;
        LOG.warn("Version {} of model '{}' is not released: {}", version, model, reason, cause);
    }

    private boolean isDue(long before, long version, long nowMillis) {
        if (version == before || version <= state.lastVersion()) {
            return false;
        }
        boolean bySteps = options.everySteps() > 0 && before / options.everySteps() < version / options.everySteps();
        if (options.everyInterval().isZero()) {
            return bySteps;
        }
        if (state.triedMillis() == 0) {
            // Time counts from the first mini-batch on.
            state = state.tried(nowMillis);
            return bySteps;
        }
        return bySteps
                || nowMillis - state.triedMillis() >= options.everyInterval().toMillis();
    }

    /** Why it is refused, or nothing. */
    private Optional<String> candidate(Learner learner, Encoder encoder, long nowMillis) throws IOException {
        long startNanos = System.nanoTime();
        EncoderState weights = encoder.state();
        Optional<Release> there = directory.find(model, weights.step());
        if (there.isPresent()) {
            return again(there.get(), weights);
        }
        ByteArrayOutputStream network = new ByteArrayOutputStream();
        OnnxExport.write(model, spec, weights, network); // not with a weight that is not finite
        Survey survey = learner.survey();
        Optional<String> refused = gate.refusal(network.toByteArray(), encoder.precision(), survey, newest());
        if (refused.isPresent()) {
            return refused;
        }
        Instant now = Instant.ofEpochMilli(nowMillis);
        Manifest manifest = manifest(learner, weights, survey, now, prototypes(survey, weights.step(), now));
        state = state.pending(manifest);
        LOG.info(
                "Version {} of model '{}' is written to {} and waits for a checkpoint; figures: {}; took {} ms",
                weights.step(),
                model,
                directory.folder(model, weights.step()),
                manifest.figures(),
                (System.nanoTime() - startNanos) / 1_000_000);
        return Optional.empty();
    }

    /**
     * A learner that has gone back to an older state comes again to a version that was released. It announces that release if it has
     * learned the same; another one of that name there must not be.
     */
    private Optional<String> again(Release there, EncoderState weights) throws IOException {
        if (!ReleaseDirectory.hasWeights(there, weights)) {
            return Optional.of("there is a release of that version already, " + there.uri()
                    + ", with other weights; it stays, and later versions are released");
        }
        state = state.pending(there.manifest());
        LOG.info(
                "Version {} of model '{}' is there already, with the same weights: {}",
                weights.step(),
                model,
                there.uri());
        return Optional.empty();
    }

    /** Folder of the newest release: those that wait for a checkpoint cannot be read yet. */
    private Optional<String> newest() {
        return state.announcedVersion() < 0
                ? Optional.empty()
                : Optional.of(directory.folder(model, state.announcedVersion()));
    }

    private Manifest manifest(
            Learner learner, EncoderState weights, Survey survey, Instant now, List<ClassPrototype> prototypes)
            throws IOException {
        LearnerFigures figures = learner.figures();
        SortedMap<String, Double> measured = new TreeMap<>();
        measured.put("windowAccuracy", figures.windowAccuracy());
        measured.put("prequentialAccuracy", figures.prequentialAccuracy());
        if (!survey.heldOut().isEmpty()) {
            measured.put("heldOutAccuracy", survey.heldOutAccuracy());
        }
        SortedMap<String, Long> data = new TreeMap<>();
        data.put("imagesSeen", figures.imagesSeen());
        data.put("classes", (long) figures.classes());
        data.put("memoryImages", (long) figures.replaySize());
        data.put("heldOutImages", (long) survey.heldOut().size());
        SortedMap<String, StoredFile> files = directory.write(model, weights, prototypes);
        return new Manifest(
                model,
                weights.step(),
                state.lastVersion() < 0 ? OptionalLong.empty() : OptionalLong.of(state.lastVersion()),
                now,
                weights.fingerprint(),
                options.jobOptions(),
                measured,
                data,
                strangeness(survey),
                files);
    }

    /** Of the held-out images, evenly among them if there are many. */
    private static List<Double> strangeness(Survey survey) {
        Strangeness strangeness = new Strangeness(
                survey.prototypes().stream().map(Prototype::vector).toList());
        double[] ascending = survey.heldOut().stream()
                .mapToDouble(image -> strangeness.of(image.embedding(), 0, image.similarity()))
                .sorted()
                .toArray();
        int kept = Math.min(MOST_STRANGENESS, ascending.length);
        return IntStream.range(0, kept)
                .mapToObj(i -> ascending[(int) ((i + 0.5) * ascending.length / kept)])
                .toList();
    }

    private static List<ClassPrototype> prototypes(Survey survey, long version, Instant now) {
        return survey.prototypes().stream()
                .map(prototype -> {
                    List<Float> vector = new ArrayList<>(prototype.vector().length);
                    for (float component : prototype.vector()) {
                        vector.add(component);
                    }
                    return new ClassPrototype(
                            prototype.label(), vector, prototype.support(), prototype.dispersion(), version, now);
                })
                .toList();
    }

    /**
     * Makes complete what the checkpoint contains.
     *
     * @return what is to be announced, oldest version first
     */
    public List<EncoderRelease> completed(long checkpoint) {
        List<EncoderRelease> announcements = new ArrayList<>();
        for (Manifest manifest : state.waitingIn(checkpoint)) {
            try {
                Release release = directory.complete(manifest);
                announcements.add(new EncoderRelease(
                        model,
                        manifest.version(),
                        release.uri(),
                        release.sha256(),
                        new TreeMap<>(manifest.figures()),
                        manifest.releasedAt()));
                metrics.announced(manifest);
                LOG.info("Version {} of model '{}' is released: {}", manifest.version(), model, release.uri());
                state = state.announced(manifest);
            } catch (ReleaseException e) {
                // Somebody has taken its files away or put others there: it will not become one.
                refused(manifest.version(), e.getMessage(), e);
                state = state.without(manifest);
            } catch (IOException e) {
                LOG.warn(
                        "Version {} of model '{}' waits for another checkpoint: {}",
                        manifest.version(),
                        model,
                        Reason.of(e),
                        e);
                break;
            }
        }
        answer(checkpoint);
        return announcements;
    }

    private void answer(long checkpoint) {
        for (Answer answer : state.answersIn(checkpoint)) {
            try {
                boolean gone = answer.version() >= 0
                        && directory.find(model, answer.version()).isEmpty();
                requests.answer(answer.id(), gone ? REFUSED + refusal : answer.text());
                state = state.without(answer);
            } catch (IOException e) {
                LOG.warn("Request {} waits for another checkpoint: {}", answer.id(), Reason.of(e), e);
            }
        }
    }
}
