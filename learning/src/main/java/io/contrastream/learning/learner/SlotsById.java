package io.contrastream.learning.learner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which slots of replay memory have the image of an id: one, or several in a memory from before an id was kept once only. */
final class SlotsById {

    private final List<String> ids = new ArrayList<>();
    private final Map<String, List<Integer>> slots = new HashMap<>();

    /** The slots of an id, ascending. */
    List<Integer> of(String id) {
        return slots.getOrDefault(id, List.of());
    }

    /** A slot has another image, or the next slot its first one. */
    void put(int slot, String id) {
        if (slot == ids.size()) {
            ids.add(id);
        } else {
            leave(slot, ids.set(slot, id));
        }
        List<Integer> grown = new ArrayList<>(of(id));
        grown.add(slot);
        grown.sort(null);
        slots.put(id, List.copyOf(grown));
    }

    /** A slot has been emptied, into which the image of the last one has moved. */
    void remove(int slot) {
        int last = ids.size() - 1;
        String moved = ids.get(last);
        put(slot, moved);
        leave(last, moved);
        ids.remove(last);
    }

    private void leave(int slot, String id) {
        List<Integer> left = of(id).stream().filter(other -> other != slot).toList();
        if (left.isEmpty()) {
            slots.remove(id);
        } else {
            slots.put(id, left);
        }
    }
}
