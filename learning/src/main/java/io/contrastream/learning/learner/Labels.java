package io.contrastream.learning.learner;

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

    String label(int number) {
        return labels.get(number);
    }

    int size() {
        return labels.size();
    }
}
