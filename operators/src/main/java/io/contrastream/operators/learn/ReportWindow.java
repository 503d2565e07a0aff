package io.contrastream.operators.learn;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerProgress;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.schemas.LearningReport;
import java.time.Instant;

/** What happened since the previous report. Not part of the state: after a restore a window starts anew. */
final class ReportWindow {

    private final LearnOptions options;
    private final MemoryShift memory = new MemoryShift();
    private long sinceMillis;
    private long images;
    private long steps;
    private double lossSum;
    /** At the newest re-encoding of memory, in whatever window; null if there was none before it. */
    private EmbeddingShift shift;

    ReportWindow(LearnOptions options, long nowMillis) {
        this.options = options;
        this.sinceMillis = nowMillis;
    }

    void add(MiniBatchResult result) {
        images += result.learned().size();
        int taken = options.learner().stepsPerBatch() - result.skippedSteps();
        if (taken > 0) {
            steps += taken;
            lossSum += (double) result.loss() * taken;
        }
        if (!result.refreshed().isEmpty()) {
            shift = memory.to(result.refreshed());
        }
    }

    /** Ends the window with a report and starts the next. */
    LearningReport close(Learner learner, long encoderVersion, long nowMillis) {
        LearnerProgress progress = learner.progress();
        LearningReport report = LearningReport.newBuilder()
                .setModel(options.model())
                .setEncoderVersion(encoderVersion)
                .setLoss(steps == 0 ? null : (float) (lossSum / steps))
                .setImagesSeen(progress.imagesSeen())
                .setPrequentialAccuracy(progress.prequentialAccuracy())
                .setWindowAccuracy(progress.windowAccuracy())
                .setWindowSize(progress.windowSize())
                .setReplaySize(learner.replaySize())
                .setReplayCapacity(options.learner().replayCapacity())
                .setClasses(progress.classes())
                // A window may be shorter than the clock's tick.
                .setImagesPerSecond(images * 1000.0 / Math.max(1, nowMillis - sinceMillis))
                .setSkippedSteps(progress.skippedSteps())
                .setShiftCosine(shift == null ? null : shift.cosine())
                .setShiftNeighbourOverlap(shift == null ? null : shift.neighbourOverlap())
                .setReportedAt(Instant.ofEpochMilli(nowMillis))
                .build();
        sinceMillis = nowMillis;
        images = 0;
        steps = 0;
        lossSum = 0;
        return report;
    }
}
