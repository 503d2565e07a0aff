package io.contrastream.learning.learner;

import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.prototype.Prototypes;
import io.contrastream.learning.replay.ClassBalancedReservoir;
import io.contrastream.learning.replay.Replay;
import io.contrastream.learning.replay.UniformReservoir;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Everything that a learner has gathered besides the weights of its encoder. */
final class Experience {

    final Labels labels = new Labels();
    final Replay<Example> replay;
    final SlotsById slotsById = new SlotsById();
    final Prototypes prototypes;
    final PrequentialAccuracy accuracy;
    final ErrorDrift errorDrift;
    final EmbeddingDrift embeddingDrift;
    long skippedSteps;
    int skippedInRow;

    private final LearnerOptions options;
    private final ClassBalancedReservoir balanced;

    private Experience(
            LearnerOptions options,
            int embeddingSize,
            BitSet full,
            PrequentialAccuracy accuracy,
            ErrorDrift errorDrift,
            EmbeddingDrift embeddingDrift) {
        this.options = options;
        this.accuracy = accuracy;
        this.errorDrift = errorDrift;
        this.embeddingDrift = embeddingDrift;
        prototypes = new Prototypes(embeddingSize);
        balanced = new ClassBalancedReservoir(full);
        replay = new Replay<>(
                options.replay().capacity(),
                options.replay().reservoir() == Reservoir.CLASS_BALANCED ? balanced : new UniformReservoir());
    }

    /** None yet. */
    static Experience none(LearnerOptions options, int embeddingSize) {
        return new Experience(
                options,
                embeddingSize,
                new BitSet(),
                new PrequentialAccuracy(options.accuracyWindow()),
                new ErrorDrift(options.drift().errorDelta()),
                new EmbeddingDrift(options.drift(), options.seed(), EmbeddingDrift.State.NONE));
    }

    /** That of an earlier learner, which {@link Fit} has found fitting. */
    static Experience restored(
            LearnerOptions options, int embeddingSize, LearnerProgress progress, Map<Integer, Example> slots) {
        BitSet full = new BitSet();
        for (int label = 0; label < progress.classes(); label++) {
            full.set(label, progress.classStatistics().get(label).full());
        }
        Experience restored = new Experience(
                options,
                embeddingSize,
                full,
                new PrequentialAccuracy(options.accuracyWindow(), progress),
                new ErrorDrift(options.drift().errorDelta(), progress.errorDrift()),
                new EmbeddingDrift(options.drift(), options.seed(), progress.embeddingDrift()));
        restored.skippedSteps = progress.skippedSteps();
        restored.skippedInRow = progress.skippedInRow();
        for (ClassProgress statistics : progress.classStatistics()) {
            int label = restored.labels.number(statistics.label());
            restored.replay.restoreSeen(label, statistics.seen());
            if (statistics.support() > 0) {
                restored.prototypes.restore(label, statistics.mean(), statistics.support());
            }
        }
        for (int slot = 0; slot < slots.size(); slot++) {
            Example example = slots.get(slot);
            restored.replay.restore(example, restored.labels.number(example.label()));
            restored.slotsById.put(slot, example.id());
        }
        restored.replay.restoreCounts(progress.imagesSeen(), progress.vacatedSlots());
        return restored;
    }

    /** The classes of an image in memory, the one first that memory keeps it under. */
    List<Integer> labelsOf(int slot) {
        return labels.of(replay.item(slot));
    }

    LearnerFigures figures() {
        long seen = replay.seen();
        return new LearnerFigures(
                seen,
                seen == 0 ? 0 : (double) accuracy.right() / seen,
                accuracy.windowSize() == 0 ? 0 : (double) accuracy.rightInWindow() / accuracy.windowSize(),
                accuracy.windowSize(),
                replay.size(),
                labels.size(),
                skippedSteps,
                errorDrift.rises(),
                errorDrift.falls(),
                errorDrift.newest(),
                embeddingDrift.distance(),
                embeddingDrift.changes(),
                embeddingDrift.newestChange());
    }

    LearnerProgress progress() {
        List<ClassProgress> statistics = new ArrayList<>(labels.size());
        for (int label = 0; label < labels.size(); label++) {
            statistics.add(new ClassProgress(
                    labels.label(label),
                    replay.seen(label),
                    balanced.full(label),
                    prototypes.support(label),
                    prototypes.mean(label)));
        }
        return new LearnerProgress(
                replay.seen(),
                accuracy.right(),
                accuracy.window(),
                accuracy.windowSize(),
                skippedSteps,
                skippedInRow,
                options.replay().reservoir(),
                options.replay().capacity(),
                replay.vacated(),
                statistics,
                errorDrift.state(),
                embeddingDrift.state());
    }
}
