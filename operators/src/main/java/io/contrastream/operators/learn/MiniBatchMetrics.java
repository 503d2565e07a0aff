package io.contrastream.operators.learn;

import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.operators.LearnerMetrics;

/** Keeps the metrics at what the learner, the reports and the shift of memory have come to; it listens after them. */
final class MiniBatchMetrics implements MiniBatchListener {

    private final LearnerMetrics metrics;
    private final OpenLearner open;
    private final MemoryShift shift;
    private final ReportWindow window;

    /** Sets them to where the learner stands. */
    MiniBatchMetrics(LearnerMetrics metrics, OpenLearner open, MemoryShift shift, ReportWindow window) {
        this.metrics = metrics;
        this.open = open;
        this.shift = shift;
        this.window = window;
        metrics.progress(open.version(), open.learner());
        sinceStart();
    }

    @Override
    public void learned(MiniBatchResult result, long nanos) {
        metrics.learned(result, open.learner(), nanos);
        metrics.peakDevice(open.encoder().diagnostics().peakDeviceBytes());
        sinceStart();
    }

    @Override
    public void forgotten(String id, boolean wasThere) {
        metrics.progress(open.version(), open.learner());
        sinceStart();
    }

    /** So many images wait for their mini-batch to be closed. */
    void waiting(int images) {
        metrics.unfinished(images);
    }

    private void sinceStart() {
        metrics.takenBack(window.takenBack());
        metrics.unlabelled(window.unlabelled());
        shift.newest().ifPresent(metrics::shifted);
    }
}
