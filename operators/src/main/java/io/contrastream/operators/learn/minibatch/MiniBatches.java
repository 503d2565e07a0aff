package io.contrastream.operators.learn.minibatch;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner.Forgotten;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.operators.Forget;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.state.LearnerStateStore;
import io.contrastream.operators.learn.watch.MemoryShift;
import io.contrastream.operators.learn.watch.MiniBatchListener;
import io.contrastream.operators.learn.watch.MiniBatchMetrics;
import io.contrastream.operators.learn.watch.ReportWindow;
import io.contrastream.operators.learn.watch.SignsOfLife;
import io.contrastream.operators.release.Releases;
import io.contrastream.schemas.LearningReport;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.types.Either;

/**
 * Forms mini-batches out of images and has them learned when their size, the clock or the end of input closes them. What comes of one goes
 * into the state, to the listeners, to the topics and to the releases, in this order. All of it is under the learner's key.
 */
public final class MiniBatches {

    private final LearnOptions options;
    private final LearnerStateStore store;
    private final OpenLearner open;
    private final Releases releases;
    private final SignsOfLife signs;
    private final MiniBatchClock clock;
    private final UnfinishedMiniBatch unfinished;
    private final ReportWindow window;
    private final MiniBatchMetrics metrics;
    private final List<MiniBatchListener> listeners;

    /**
     * Goes on from what the store has of reports and waiting images.
     *
     * @param open has taken over the state that it goes on from
     * @param timers stay the same from one call of Flink's to the next
     */
    public MiniBatches(
            LearnOptions options,
            LearnerStateStore store,
            OpenLearner open,
            Releases releases,
            SignsOfLife signs,
            LearnerMetrics learnerMetrics,
            TimerService timers)
            throws Exception {
        this.options = options;
        this.store = store;
        this.open = open;
        this.releases = releases;
        this.signs = signs;
        clock = new MiniBatchClock(options, timers);
        MemoryShift shift = new MemoryShift();
        window = new ReportWindow(options, shift, clock.nowMillis());
        Optional<byte[]> reports = store.reports();
        if (reports.isPresent()) {
            window.restore(reports.get());
        }
        metrics = new MiniBatchMetrics(learnerMetrics, open.learner(), open.encoder(), shift, window);
        listeners = List.of(shift, window, metrics);
        unfinished = new UnfinishedMiniBatch(store);
        if (!unfinished.isEmpty()) {
            clock.goOn();
        }
        planRenewal();
    }

    /** Takes an image, or an order to forget one. */
    public void take(Either<Example, Forget> input, Publisher publisher) throws Exception {
        if (input.isLeft()) {
            Optional<Example> example = whole(input.left());
            if (example.isPresent()) {
                add(example.get(), publisher);
            }
        } else {
            forget(input.right().id(), publisher);
        }
        metrics.waiting(unfinished.size());
    }

    /**
     * Does all that is due when a timer has fired.
     *
     * @param end whether it is the end of input, when everything is
     * @return the report, if it is due
     */
    public Optional<LearningReport> wake(boolean end, Publisher publisher) throws Exception {
        renewPrototypes(publisher);
        long nowMillis = clock.nowMillis();
        if (!unfinished.isEmpty() && (end || clock.isFlushDue(nowMillis))) {
            learn(unfinished.size(), publisher);
        }
        Optional<LearningReport> report = Optional.empty();
        if (end || clock.isReportDue(nowMillis)) {
            report = Optional.of(window.close(open.learner(), open.version(), releases.refusal(), nowMillis));
            signs.progressed(report.get(), nowMillis);
            if (!end) {
                clock.nextReport();
            }
        }
        metrics.waiting(unfinished.size());
        return report;
    }

    /** Has full mini-batches learned; what was stored may be more than one under the options of now. */
    public void learnFull(Publisher publisher) throws Exception {
        while (unfinished.size() >= options.learner().batchSize()) {
            learn(options.learner().batchSize(), publisher);
            if (unfinished.isEmpty()) {
                clock.end();
            }
        }
    }

    /** State of the reports, for a checkpoint. */
    public byte[] reportState() throws IOException {
        return window.state();
    }

    /** As it came, with the pixels that are there of it if it is a label alone; nothing if these are not there, or have the labels. */
    private Optional<Example> whole(Example example) {
        if (!example.isLabelAlone()) {
            return Optional.of(example);
        }
        return unfinished
                .find(example.id())
                .or(() -> open.learner().remembered(example.id()))
                .filter(known -> !known.labels().equals(example.labels()))
                .map(known -> new Example(
                        known.id(), example.label(), known.pixels(), known.eventTimeMillis(), example.furtherLabels()));
    }

    private void add(Example example, Publisher publisher) throws Exception {
        if (unfinished.isEmpty()) {
            clock.begin();
        }
        unfinished.add(example);
        learnFull(publisher);
    }

    private void learn(int images, Publisher publisher) throws Exception {
        List<Example> batch = unfinished.first(images);
        long versionBefore = open.version();
        long startNanos = System.nanoTime();
        MiniBatchResult result = open.learn(batch);
        long nanos = System.nanoTime() - startNanos;
        clock.renewed(); // learning began with it
        unfinished.removeFirst(images);
        store.changed(open.learner(), result.changedSlots());
        listeners.forEach(listener -> listener.learned(result, nanos));
        publisher.learned(result, records());
        releases.learned(versionBefore, open.learner(), open.encoder(), clock.nowMillis());
    }

    private void forget(String id, Publisher publisher) throws Exception {
        boolean waited = unfinished.remove(id);
        Forgotten forgotten = open.learner().forget(id);
        store.changed(open.learner(), forgotten.changedSlots());
        listeners.forEach(listener -> listener.forgotten(id, waited || forgotten.copies() > 0));
        publisher.forgotten(id, forgotten, records());
        planRenewal();
    }

    private void planRenewal() {
        if (!clock.isRenewalPlanned() && open.learner().hasStalePrototypes()) {
            clock.planRenewal();
        }
    }

    private void renewPrototypes(Publisher publisher) {
        if (clock.isRenewalPlanned()) {
            clock.renewed();
            publisher.renewed(open.learner().renewed(), records());
        }
    }

    private Records records() {
        return new Records(open.version(), Instant.ofEpochMilli(clock.nowMillis()));
    }
}
