package io.contrastream.operators.learn.origin;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.learner.LearnerProgress;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.operators.saved.SavedOperators;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Release;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The whole learner of a savepoint or checkpoint of any job, or what a release has of it, which a new model starts from. Of a release, these
 * are weights and version; memory with its prototypes, counters, classifier, and what the optimiser remembers begin anew.
 */
public final class InitialState {

    private InitialState() {}

    /**
     * Reads the learner that the options name, to see whether a model can start from it.
     *
     * @throws IllegalArgumentException with every option that differs, if it does not fit the options; or if it is a release, and the
     *     optimiser is one that cannot begin anew in the middle
     * @throws ReleaseException if it is a release that is damaged
     * @throws IOException saying what is wrong, if it cannot be read
     */
    public static SavedLearner read(LearnOptions options) throws IOException {
        return Release.isThere(options.initial().state()) ? ofRelease(options) : ofState(options);
    }

    private static SavedLearner ofState(LearnOptions options) throws IOException {
        SavedLearner learner;
        try {
            learner =
                    SavedLearner.readWhole(SavedOperators.open(options.initial().state()));
        } catch (IOException e) {
            throw new IOException(options.initial().state() + ": " + Reason.of(e), e);
        }
        StateFit.requireLearner(options, learner.model(), learner.state());
        return learner;
    }

    private static SavedLearner ofRelease(LearnOptions options) throws IOException {
        Release release = Release.open(options.initial().state());
        String model = release.manifest().model();
        long version = release.manifest().version();
        OptimizerOptions optimizer = options.training().optimizer();
        if (optimizer.kind() == OptimizerOptions.Kind.ADAM && version > 0) {
            throw new IllegalArgumentException(release.uri()
                    + " is a release, and has no moments of Adam, without which the first steps after version "
                    + version
                    + " would be several times too large; take a savepoint or checkpoint, or give the release as"
                    + " encoder.initial-weights, with which steps are counted from 0");
        }
        LearnerProgress none = new LearnerProgress(
                0,
                0,
                new BitSet(),
                0,
                0,
                0,
                options.learner().replay().reservoir(),
                options.learner().replay().capacity(),
                0,
                List.of());
        String fingerprint = release.manifest().fingerprint();
        List<Tensor> forgotten = version == 0 ? List.of() : zeros(options.encoder(), optimizer);
        // Before its weights are read: this names options.
        StateFit.requireLearner(
                options, model, new LearnerState(new EncoderState(fingerprint, version, List.of(), forgotten), none));
        List<Tensor> weights =
                release.weights(options.encoder(), options.learner().seed()).parameters();
        return new SavedLearner(
                model,
                new LearnerState(new EncoderState(fingerprint, version, weights, forgotten), none),
                Map.of(),
                false);
    }

    /** Slots of an optimiser before its first step. */
    private static List<Tensor> zeros(EncoderSpec spec, OptimizerOptions optimizer) {
        List<Tensor> slots = new ArrayList<>();
        for (String slot : optimizer.slots()) {
            for (ParameterSpec parameter : spec.network().parameters()) {
                if (parameter.role().trained()) {
                    int size = Arrays.stream(parameter.shape()).reduce(1, Math::multiplyExact);
                    slots.add(new Tensor(slot + "/" + parameter.name(), parameter.shape(), new float[size]));
                }
            }
        }
        return slots;
    }
}
