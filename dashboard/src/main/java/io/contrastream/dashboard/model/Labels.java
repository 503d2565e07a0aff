package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers of labels, in the order of their arrival. Of a stream with more than {@value #MOST} labels, all others are one. Not
 * thread-safe.
 */
final class Labels {

    static final int MOST = 10_000;

    private static final String OTHERS = "(other labels)";

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();

    int number(String label) {
        Integer number = numbers.get(label);
        if (number != null) {
            return number;
        }
        if (names.size() >= MOST) {
            return number(OTHERS);
        }
        String name = names.size() == MOST - 1 ? OTHERS : label;
        numbers.put(name, names.size());
        names.add(name);
        return names.size() - 1;
    }

    /** The same text as one object for all who keep it; null for null. */
    String shared(String label) {
        if (label == null) {
            return null;
        }
        Integer number = numbers.get(label);
        return number == null ? label : names.get(number);
    }

    String name(int number) {
        return names.get(number);
    }

    int size() {
        return names.size();
    }

    /** The names from a number on. */
    ArrayNode names(int from) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        names.subList(from, names.size()).forEach(array::add);
        return array;
    }
}
