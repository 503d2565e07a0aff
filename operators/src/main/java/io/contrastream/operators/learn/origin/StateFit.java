package io.contrastream.operators.learn.origin;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.learner.LearnerProgress;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.network.Fingerprint;
import io.contrastream.operators.learn.option.LearnOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether a stored learner can go on under some options: every option that belongs to the state, by its key, where the two differ.
 * The same before a job is submitted and where it runs.
 */
public final class StateFit {

    /** Parts of {@code EncoderSpec.fingerprint()} and the options that they come from; that of the input is three options. */
    private static final Map<String, String> OPTIONS = Map.of(
            "architecture", "encoder.architecture",
            "stem", "encoder.stem",
            "width", "encoder.width",
            "projection", "encoder.projection-size",
            "mirror-embedding", "encoder.mirror-embedding",
            "mean", "encoder.normalization.mean",
            "std", "encoder.normalization.std");

    private static final List<String> INPUT_OPTIONS = List.of("image.channels", "image.height", "image.width");

    private StateFit() {}

    /** @throws IllegalArgumentException with every option that differs, its stored and its configured value, if there is one */
    public static void require(LearnOptions options, String storedModel, LearnerState state) {
        List<String> differences = differences(options, storedModel, state);
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException("the stored state of model '" + storedModel
                    + "' cannot be restored with these options: " + String.join("; ", differences));
        }
    }

    /** The same for a learner that a model of any name may go on from. */
    static void requireLearner(LearnOptions options, String storedModel, LearnerState state) {
        List<String> differences = new ArrayList<>();
        compareLearners(options, state, differences);
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException("the learner of model '" + storedModel
                    + "' cannot go on with these options: " + String.join("; ", differences));
        }
    }

    private static List<String> differences(LearnOptions options, String storedModel, LearnerState state) {
        List<String> differences = new ArrayList<>();
        compare("model.name", storedModel, options.model(), differences);
        compareLearners(options, state, differences);
        return differences;
    }

    private static void compareLearners(LearnOptions options, LearnerState state, List<String> differences) {
        compareNetworks(state.encoder().fingerprint(), options.encoder().fingerprint(), differences);
        compareOptimizers(state.encoder(), options.training().optimizer(), differences);
        LearnerProgress progress = state.progress();
        compare(
                "learner.replay.reservoir",
                progress.reservoir().toString(),
                options.learner().replay().reservoir().toString(),
                differences);
        int capacity = options.learner().replay().capacity();
        if (progress.replayCapacity() > capacity) {
            differences.add("learner.replay.capacity is " + progress.replayCapacity() + " in the state, but only "
                    + capacity + " in the options: memory can grow, not shrink");
        }
    }

    private static void compareNetworks(String stored, String configured, List<String> differences) {
        Map<String, String> there = byOption(stored);
        Map<String, String> here = byOption(configured);
        here.forEach((option, value) -> compare(option, there.remove(option), value, differences));
        there.forEach((option, value) ->
                differences.add(option + " is " + value + " in the state, but unknown to this version"));
    }

    private static Map<String, String> byOption(String fingerprint) {
        Map<String, String> values = new LinkedHashMap<>();
        Fingerprint.parse(fingerprint).all().forEach((key, value) -> {
            if (key.equals("input")) {
                String[] sides = value.split("x", -1);
                for (int i = 0; i < sides.length; i++) {
                    values.put(INPUT_OPTIONS.get(i), sides[i]);
                }
            } else {
                values.put(OPTIONS.getOrDefault(key, key), value);
            }
        });
        return values;
    }

    /** Told by what the optimiser has remembered: before the first step, any goes on. */
    private static void compareOptimizers(EncoderState stored, OptimizerOptions configured, List<String> differences) {
        if (stored.step() == 0) {
            return;
        }
        List<String> slots = stored.optimizerSlots().stream()
                .map(tensor ->
                        tensor.name().substring(0, Math.max(0, tensor.name().indexOf('/'))))
                .distinct()
                .collect(Collectors.toList());
        if (slots.equals(configured.slots())) {
            return;
        }
        OptimizerOptions.Kind kind = slots.contains("exp_avg") ? OptimizerOptions.Kind.ADAM : OptimizerOptions.Kind.SGD;
        if (kind != configured.kind()) {
            compare("optimizer.kind", kind.toString(), configured.kind().toString(), differences);
        } else {
            compare(
                    "optimizer.momentum",
                    slots.isEmpty() ? "0" : "above 0",
                    Double.toString(configured.momentum()),
                    differences);
        }
    }

    private static void compare(String option, String stored, String configured, List<String> differences) {
        if (!configured.equals(stored)) {
            differences.add(option + " is " + (stored == null ? "not set" : stored) + " in the state, but " + configured
                    + " in the options");
        }
    }
}
