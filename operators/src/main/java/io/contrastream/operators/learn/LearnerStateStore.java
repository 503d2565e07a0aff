package io.contrastream.operators.learn;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * The learner's state in Flink. What changes little is keyed state and is written as it changes, so that an incremental
 * checkpoint holds the changes only: the replay slots, and the images of the unfinished mini-batch. What changes as a whole at
 * every step is operator state and is copied at the barrier: weights, optimiser slots, progress, and what the reports go on from. Both are parts of one checkpoint
 * and so of one cut.
 *
 * <p>Keyed state can be touched only while an element or a timer of the key is processed.
 */
final class LearnerStateStore {

    /** The parts of a {@link LearnerState} in its stored form, in their order. */
    static final ListStateDescriptor<byte[]> LEARNER =
            new ListStateDescriptor<>("learner", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    /** The name of the model, once. */
    static final ListStateDescriptor<String> MODEL = new ListStateDescriptor<>("model", Types.STRING);

    /** What reports go on from, once. */
    private static final ListStateDescriptor<byte[]> REPORTS =
            new ListStateDescriptor<>("reports", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    private static final int CHUNK_BYTES = 4 << 20;

    private final MapState<Integer, Example> slots;
    private final ListState<Example> unfinished;
    private final ListState<byte[]> learner;
    private final ListState<String> model;
    private final ListState<String> summary;
    private final ListState<byte[]> reports;

    LearnerStateStore(FunctionInitializationContext context) throws Exception {
        TypeInformation<Example> example = TypeInformation.of(Example.class);
        slots = context.getKeyedStateStore().getMapState(new MapStateDescriptor<>("replay-slots", Types.INT, example));
        unfinished =
                context.getKeyedStateStore().getListState(new ListStateDescriptor<>("unfinished-mini-batch", example));
        learner = context.getOperatorStateStore().getListState(LEARNER);
        model = context.getOperatorStateStore().getListState(MODEL);
        summary = context.getOperatorStateStore().getListState(StateSummary.STATE);
        reports = context.getOperatorStateStore().getListState(REPORTS);
    }

    /** The restored learner without its replay slots; null if nothing is restored. */
    LearnerState restored() throws Exception {
        List<byte[]> chunks = list(learner);
        return chunks.isEmpty() ? null : read(chunks);
    }

    /** Name of the model that is restored. */
    String restoredModel() throws Exception {
        return String.join("', '", list(model));
    }

    static LearnerState read(List<byte[]> chunks) throws IOException {
        try (DataInputStream in = new DataInputStream(Chunks.read(chunks))) {
            return StateFormat.read(in);
        }
    }

    /** The images in the replay slots, by slot. */
    Map<Integer, Example> slots() throws Exception {
        Map<Integer, Example> contents = new HashMap<>();
        for (Map.Entry<Integer, Example> slot : slots.entries()) {
            contents.put(slot.getKey(), slot.getValue());
        }
        return contents;
    }

    /** The images of the unfinished mini-batch, in their order. */
    List<Example> unfinished() throws Exception {
        return list(unfinished);
    }

    /** Adds an image to the unfinished mini-batch. */
    void add(Example example) throws Exception {
        unfinished.add(example);
    }

    /** The unfinished mini-batch has other images now. */
    void unfinished(List<Example> images) throws Exception {
        unfinished.update(images);
    }

    /** Slots have been written or, where they are not below memory's size any more, emptied. */
    void changed(Learner source, List<Integer> changedSlots) throws Exception {
        for (int slot : changedSlots) {
            if (slot < source.replaySize()) {
                slots.put(slot, source.replaySlot(slot));
            } else {
                slots.remove(slot);
            }
        }
    }

    /** The restored state of the reports, if there is one. */
    Optional<byte[]> reports() throws Exception {
        return list(reports).stream().findFirst();
    }

    /** Makes the state the one to go into the checkpoint. Without a call, the restored one stays it. */
    void snapshot(String modelName, LearnerState state, List<byte[]> reportState) throws Exception {
        Chunks chunks = new Chunks(CHUNK_BYTES);
        try (DataOutputStream out = new DataOutputStream(chunks)) {
            StateFormat.write(state, out);
        }
        learner.update(chunks.arrays());
        model.update(List.of(modelName));
        reports.update(reportState);
    }

    /** Says what the state of the next checkpoint has come to. */
    void summarize(StateSummary newest) throws Exception {
        summary.update(newest.lines());
    }

    static <T> List<T> list(ListState<T> state) throws Exception {
        List<T> elements = new ArrayList<>();
        Iterable<T> stored = state.get();
        if (stored != null) {
            stored.forEach(elements::add);
        }
        return elements;
    }
}
