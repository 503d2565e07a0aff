package io.contrastream.operators.saved;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;

/** The contents of states of Flink, of a job that runs or of a savepoint. */
public final class Contents {

    private Contents() {}

    /** A copy of a map; keyed state of the current key. */
    public static <T> Map<Integer, T> of(MapState<Integer, T> state) throws Exception {
        Map<Integer, T> contents = new HashMap<>();
        for (Map.Entry<Integer, T> entry : state.entries()) {
            contents.put(entry.getKey(), entry.getValue());
        }
        return contents;
    }

    /** A copy of a list; if it is keyed state, that of the current key. */
    public static <T> List<T> of(ListState<T> state) throws Exception {
        List<T> elements = new ArrayList<>();
        Iterable<T> stored = state.get();
        if (stored != null) {
            stored.forEach(elements::add);
        }
        return elements;
    }
}
