package io.contrastream.operators.learn.watch;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.operators.LearnerMetrics;

/** Keeps the metrics at what the learner, the reports and the shift of memory have come to; it listens after them. */
public final class MiniBatchMetrics implements MiniBatchListener {

    private final LearnerMetrics metrics;
    private final Learner learner;
    private final Encoder encoder;
    private final MemoryShift shift;
    private final ReportWindow window;

    /** Sets them to where the learner stands. */
    public MiniBatchMetrics(
            LearnerMetrics metrics, Learner learner, Encoder encoder, MemoryShift shift, ReportWindow window) {
        this.metrics = metrics;
        this.learner = learner;
        this.encoder = encoder;
        this.shift = shift;
        this.window = window;
        metrics.progress(encoder.step(), learner);
        sinceStart();
    }

    @Override
    public void learned(MiniBatchResult result, long nanos) {
        metrics.learned(result, learner, nanos);
        metrics.peakDevice(encoder.diagnostics().peakDeviceBytes());
        sinceStart();
    }

    @Override
    public void forgotten(String id, boolean wasThere) {
        metrics.progress(encoder.step(), learner);
        sinceStart();
    }

    /** So many images wait for their mini-batch to be closed. */
    public void waiting(int images) {
        metrics.unfinished(images);
    }

    private void sinceStart() {
        metrics.takenBack(window.takenBack());
        metrics.unlabelled(window.unlabelled());
        shift.newest().ifPresent(metrics::shifted);
    }
}
