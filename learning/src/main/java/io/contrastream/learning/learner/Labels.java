package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.LabelSets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers labels in the order of their first appearance, from 0 on. */
final class Labels {

    private final List<String> labels = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** The number of a label, a new one if need be. */
    int number(String label) {
        Integer known = numbers.putIfAbsent(label, labels.size());
        if (known != null) {
            return known;
        }
        labels.add(label);
        return labels.size() - 1;
    }

    /** The numbers of the labels of an image, the first one first, new ones if need be; none for one without label. */
    List<Integer> of(Example example) {
        return example.labels().stream().map(this::number).toList();
    }

    /**
     * The numbers of the labels of images, new ones if need be; below 0, for an image without label, a number that no other of these images
     * has.
     */
    LabelSets numbers(List<Example> examples) {
        int[] first = new int[examples.size()];
        int[][] further = new int[examples.size()][];
        for (int i = 0; i < first.length; i++) {
            Example example = examples.get(i);
            first[i] = example.isLabelled() ? number(example.label()) : -1 - i;
            further[i] = example.furtherLabels().stream().mapToInt(this::number).toArray();
        }
        return new LabelSets(first, further);
    }

    String label(int number) {
        return labels.get(number);
    }

    int size() {
        return labels.size();
    }
}
