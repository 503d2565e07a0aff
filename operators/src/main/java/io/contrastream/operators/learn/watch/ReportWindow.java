package io.contrastream.operators.learn.watch;

import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerFigures;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.operators.TakenBack;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.schemas.LearningReport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * Figures since the previous report, which start anew after a restore; and those that reports tell of the time since the model's
 * start besides the learner's progress, which is part of the state.
 */
public final class ReportWindow implements MiniBatchListener {

    /** 2 since images without label are counted. */
    private static final int VERSION = 2;

    private final LearnOptions options;
    private final MemoryShift shift;
    private long sinceMillis;
    private long images;
    private long steps;
    private double lossSum;
    private TakenBack takenBack = TakenBack.NONE;
    private long unlabelled;

    /** @param shift listens itself; its state is part of this one's */
    public ReportWindow(LearnOptions options, MemoryShift shift, long nowMillis) {
        this.options = options;
        this.shift = shift;
        this.sinceMillis = nowMillis;
    }

    @Override
    public void learned(MiniBatchResult result, long nanos) {
        images += result.learned().size();
        unlabelled += result.learned().stream()
                .filter(learned -> !learned.example().isLabelled())
                .count();
        if (result.takenSteps() > 0) {
            steps += result.takenSteps();
            lossSum += (double) result.loss() * result.takenSteps();
        }
        takenBack = takenBack.plus(0, result.moved());
    }

    @Override
    public void forgotten(String id, boolean wasThere) {
        takenBack = takenBack.plus(wasThere ? 1 : 0, 0);
    }

    public TakenBack takenBack() {
        return takenBack;
    }

    /** Images without label that have been learned from. */
    public long unlabelled() {
        return unlabelled;
    }

    /** The part that is state. */
    public byte[] state() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(VERSION);
        out.writeLong(takenBack.forgotten());
        out.writeLong(takenBack.moved());
        out.writeLong(unlabelled);
        shift.write(out);
        return bytes.toByteArray();
    }

    /** Goes on from the state of an earlier one. */
    public void restore(byte[] state) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
        int version = in.readInt();
        if (version < 1 || version > VERSION) {
            throw new IOException("the state of the reports has format version " + version
                    + ", but only versions up to " + VERSION + " can be read here: it was written by a newer release");
        }
        takenBack = new TakenBack(in.readLong(), in.readLong());
        unlabelled = version == 1 ? 0 : in.readLong();
        shift.read(in);
    }

    /**
     * Ends the window with a report and starts the next.
     *
     * @param releaseRefused why the newest candidate for a release was refused; empty if it was not
     */
    public LearningReport close(Learner learner, long encoderVersion, String releaseRefused, long nowMillis) {
        LearnerFigures figures = learner.figures();
        Optional<ErrorDrift.Change> change = figures.errorChange();
        Optional<EmbeddingDrift.Change> move = figures.embeddingChange();
        LearningReport report = LearningReport.newBuilder()
                .setModel(options.model())
                .setEncoderVersion(encoderVersion)
                .setLoss(steps == 0 ? null : (float) (lossSum / steps))
                .setImagesSeen(figures.imagesSeen())
                .setImagesUnlabelled(unlabelled)
                .setPrequentialAccuracy(figures.prequentialAccuracy())
                .setWindowAccuracy(figures.windowAccuracy())
                .setWindowSize(figures.windowSize())
                .setReplaySize(figures.replaySize())
                .setReplayCapacity(options.learner().replay().capacity())
                .setClasses(figures.classes())
                // A window may be shorter than the clock's tick.
                .setImagesPerSecond(images * 1000.0 / Math.max(1, nowMillis - sinceMillis))
                .setSkippedSteps(figures.skippedSteps())
                .setShiftCosine(shift.newest().map(EmbeddingShift::cosine).orElse(null))
                .setShiftNeighbourOverlap(
                        shift.newest().map(EmbeddingShift::neighbourOverlap).orElse(null))
                .setImagesForgotten(takenBack.forgotten())
                .setImagesMoved(takenBack.moved())
                .setReleaseRefused(releaseRefused.isEmpty() ? null : releaseRefused)
                .setErrorRises(figures.errorRises())
                .setErrorFalls(figures.errorFalls())
                .setErrorChangeImages(change.map(ErrorDrift.Change::images).orElse(null))
                .setErrorBefore(change.map(ErrorDrift.Change::before).orElse(null))
                .setErrorAfter(change.map(ErrorDrift.Change::after).orElse(null))
                .setEmbeddingDistance(Double.isNaN(figures.embeddingDistance()) ? null : figures.embeddingDistance())
                .setEmbeddingChanges(figures.embeddingChanges())
                .setEmbeddingChangeImages(
                        move.map(EmbeddingDrift.Change::images).orElse(null))
                .setEmbeddingChangeDistance(
                        move.map(EmbeddingDrift.Change::distance).orElse(null))
                .setReportedAt(Instant.ofEpochMilli(nowMillis))
                .build();
        sinceMillis = nowMillis;
        images = 0;
        steps = 0;
        lossSum = 0;
        return report;
    }
}
