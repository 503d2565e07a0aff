package io.contrastream.encoders.torch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stages that some outputs of a network need, in their order, worked out once: what runs, and what it is the last one to look at.
 *
 * @param steps one for each stage
 */
record Schedule(List<Step> steps) {

    Schedule {
        steps = List.copyOf(steps);
    }

    /**
     * A stage's turn.
     *
     * @param finished inputs of the stage that no later one takes: they can be freed in a pass without a way back
     */
    record Step(Stage stage, List<String> finished) {

        /** The name of its output. */
        String name() {
            return stage.name();
        }

        String kind() {
            return stage.kind();
        }

        Operation operation() {
            return stage.operation();
        }

        /** The kind's name on the way back. */
        String backward() {
            return kind() + " backward";
        }
    }

    /**
     * The schedule for some outputs.
     *
     * @param stages of the whole network, in their order
     * @param outputs names of stages, which nothing frees
     */
    static Schedule of(List<Stage> stages, Collection<String> outputs) {
        List<Stage> needed = needed(stages, outputs);
        Map<String, String> lastConsumer = new HashMap<>();
        needed.forEach(stage -> stage.inputs().forEach(input -> lastConsumer.put(input, stage.name())));
        List<Step> steps = new ArrayList<>();
        for (Stage stage : needed) {
            List<String> finished = stage.inputs().stream()
                    .distinct()
                    .filter(input -> stage.name().equals(lastConsumer.get(input)) && !outputs.contains(input))
                    .toList();
            steps.add(new Step(stage, finished));
        }
        return new Schedule(steps);
    }

    private static List<Stage> needed(List<Stage> stages, Collection<String> outputs) {
        Set<String> names = new HashSet<>(outputs);
        List<Stage> needed = new ArrayList<>();
        for (int i = stages.size() - 1; i >= 0; i--) {
            Stage stage = stages.get(i);
            if (names.contains(stage.name())) {
                names.addAll(stage.inputs());
                needed.add(0, stage);
            }
        }
        return needed;
    }
}
