package io.contrastream.operators.learn;

import io.contrastream.learning.learner.Learner.Renewed;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.learn.minibatch.MiniBatches;
import io.contrastream.operators.learn.minibatch.OpenLearner;
import io.contrastream.operators.learn.minibatch.Publisher;
import io.contrastream.operators.learn.minibatch.Records;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.option.MemoryAdvice;
import io.contrastream.operators.learn.state.LearnerStateStore;
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.learn.state.StateSummary;
import io.contrastream.operators.learn.watch.SignsOfLife;
import io.contrastream.operators.release.Releases;
import io.contrastream.releases.folder.ReleaseRequests.Request;
import io.contrastream.schemas.EncoderRelease;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.flink.streaming.api.TimerService;

/**
 * A learner at work: all that there is of it from the opening of its task to the closing. Before the first record or timer there is
 * no key for the state and no timers, so {@link MiniBatches} begin with that one.
 */
final class LearnerLife implements AutoCloseable {

    private final LearnOptions options;
    private final LearnerStateStore store;
    private final OpenLearner open;
    private final Releases releases;
    private final LearnerMetrics metrics;
    private final SignsOfLife signs;
    /** Null before the first record or timer. */
    private MiniBatches miniBatches;

    /** @param open this one's to close */
    LearnerLife(
            LearnOptions options,
            LearnerStateStore store,
            OpenLearner open,
            Releases releases,
            LearnerMetrics metrics,
            SignsOfLife signs) {
        this.options = options;
        this.store = store;
        this.open = open;
        this.releases = releases;
        this.metrics = metrics;
        this.signs = signs;
    }

    /**
     * The learner's mini-batches, for a record or a timer.
     *
     * @param timers the same at every call
     * @param publisher takes what comes of full mini-batches that were stored
     */
    MiniBatches miniBatches(TimerService timers, Publisher publisher) throws Exception {
        if (miniBatches == null) {
            open.takeOver(store);
            miniBatches = new MiniBatches(options, store, open, releases, signs, metrics, timers);
            miniBatches.learnFull(publisher);
        }
        return miniBatches;
    }

    /**
     * Does what has been asked for about releases, under the learner's key.
     *
     * @param publisher takes memory anew, if the weights are others now
     */
    void beforeBarrier(long nowMillis, Publisher publisher) throws Exception {
        for (Request request : releases.asked()) {
            open.takeOver(store);
            if (request.goBackTo().isPresent()) {
                goBack(request, nowMillis, publisher);
            } else {
                releases.release(request, open.learner(), open.encoder(), nowMillis);
            }
        }
    }

    private void goBack(Request request, long nowMillis, Publisher publisher) {
        Optional<List<Tensor>> weights =
                releases.goBack(request, open.version(), options.learner().seed());
        if (weights.isPresent()) {
            Renewed renewed = MemoryAdvice.advised(() -> open.learner().goOnFrom(weights.get()));
            metrics.progress(open.version(), open.learner());
            publisher.renewed(renewed, new Records(open.version(), Instant.ofEpochMilli(nowMillis)));
        }
    }

    /** Announcements to be made because a checkpoint is complete. */
    List<EncoderRelease> released(long checkpoint) {
        return releases.completed(checkpoint);
    }

    /**
     * Sees to it that the store has all that a checkpoint is to contain.
     *
     * @param lineage where the learner belongs
     */
    void snapshot(long checkpoint, Lineage lineage) throws Exception {
        open.snapshot(store, options.model(), miniBatches == null ? null : miniBatches.reportState());
        store.releases(releases.snapshot(checkpoint));
        store.summarize(new StateSummary(options.model(), lineage, open.version(), open.imagesSeen()));
    }

    @Override
    public void close() {
        open.close();
    }
}
