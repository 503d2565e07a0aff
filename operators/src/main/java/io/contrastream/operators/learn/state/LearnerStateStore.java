package io.contrastream.operators.learn.state;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import io.contrastream.operators.release.ReleaseState;
import io.contrastream.operators.saved.Contents;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * The learner's state in Flink. All of it is keyed state under the {@link LearnerKey}, so that it can one day be spread over replicas.
 * State that changes little is written as it changes, so that an incremental checkpoint holds the changes only: the replay slots, and the
 * images of the unfinished mini-batch. What changes as a whole at every step is written at the barrier: weights, optimiser slots,
 * progress, and what the reports go on from. Both are parts of one checkpoint and so of one cut. The model's name and the {@link
 * StateSummary} are operator state, so that many checkpoints can be looked through without opening a state backend.
 *
 * <p>Keyed state can be touched only while the key is set, which {@code LearnOperator} sees to.
 */
public final class LearnerStateStore {

    /** The parts of a {@link LearnerState} in its stored form, by their number in their order. */
    static final MapStateDescriptor<Integer, byte[]> LEARNER =
            new MapStateDescriptor<>("learner", Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    /** The same as operator state, where the first savepoints of 0.1.0 have it. */
    static final ListStateDescriptor<byte[]> FIRST_LEARNER =
            new ListStateDescriptor<>("learner", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    /** Key that the keyed state of these is under: the model's name. */
    static final TypeInformation<String> FIRST_KEY = Types.STRING;

    /** The images in replay memory, by slot. */
    static final MapStateDescriptor<Integer, Example> SLOTS =
            new MapStateDescriptor<>("replay-slots", Types.INT, TypeInformation.of(Example.class));

    /** The name of the model, once; operator state. */
    static final ListStateDescriptor<String> MODEL = new ListStateDescriptor<>("model", Types.STRING);

    private static final ListStateDescriptor<Example> UNFINISHED =
            new ListStateDescriptor<>("unfinished-mini-batch", TypeInformation.of(Example.class));

    /** State that reports go on from. */
    private static final ValueStateDescriptor<byte[]> REPORTS =
            new ValueStateDescriptor<>("reports", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    /** How far the learner has come with its releases; operator state. */
    private static final ListStateDescriptor<String> RELEASES = new ListStateDescriptor<>("releases", Types.STRING);

    private static final int CHUNK_BYTES = 4 << 20;

    private final MapState<Integer, Example> slots;
    private final ListState<Example> unfinished;
    private final MapState<Integer, byte[]> learner;
    private final ListState<String> model;
    private final ListState<String> summary;
    private final ListState<String> releases;
    private final ValueState<byte[]> reports;

    public LearnerStateStore(FunctionInitializationContext context) throws Exception {
        KeyedStateStore keyed = context.getKeyedStateStore();
        slots = keyed.getMapState(SLOTS);
        unfinished = keyed.getListState(UNFINISHED);
        learner = keyed.getMapState(LEARNER);
        reports = keyed.getState(REPORTS);
        model = context.getOperatorStateStore().getListState(MODEL);
        summary = context.getOperatorStateStore().getListState(StateSummary.STATE);
        releases = context.getOperatorStateStore().getListState(RELEASES);
    }

    /** The restored learner without its replay slots; null if nothing is restored. */
    public LearnerState restored() throws Exception {
        SortedMap<Integer, byte[]> chunks = new TreeMap<>(Contents.of(learner));
        return chunks.isEmpty() ? null : read(chunks.values());
    }

    /** Name of the model that is restored. */
    public String restoredModel() throws Exception {
        return String.join("', '", Contents.of(model));
    }

    static LearnerState read(Collection<byte[]> chunks) throws IOException {
        try (DataInputStream in = new DataInputStream(Chunks.read(chunks))) {
            return StateFormat.read(in);
        }
    }

    /** The images in the replay slots, by slot. */
    public Map<Integer, Example> slots() throws Exception {
        return Contents.of(slots);
    }

    /** The images of the unfinished mini-batch, in their order. */
    public List<Example> unfinished() throws Exception {
        return Contents.of(unfinished);
    }

    /** Adds an image to the unfinished mini-batch. */
    public void add(Example example) throws Exception {
        unfinished.add(example);
    }

    /** The unfinished mini-batch has other images now. */
    public void unfinished(List<Example> images) throws Exception {
        unfinished.update(images);
    }

    /** Memory has these images from now on. */
    public void slots(Map<Integer, Example> contents) throws Exception {
        slots.putAll(contents);
    }

    /** Slots have been written or, where they are not below memory's size any more, emptied. */
    public void changed(Learner source, List<Integer> changedSlots) throws Exception {
        for (int slot : changedSlots) {
            if (slot < source.replaySize()) {
                slots.put(slot, source.replaySlot(slot));
            } else {
                slots.remove(slot);
            }
        }
    }

    /** The restored state of the reports, if there is one. */
    public Optional<byte[]> reports() throws Exception {
        return Optional.ofNullable(reports.value());
    }

    /**
     * Makes the state the one to go into the checkpoint. Without a call, the restored one stays it.
     *
     * @param reportState null to leave that of the reports as it is
     */
    public void snapshot(String modelName, LearnerState state, byte[] reportState) throws Exception {
        Chunks chunks = new Chunks(CHUNK_BYTES);
        try (DataOutputStream out = new DataOutputStream(chunks)) {
            StateFormat.write(state, out);
        }
        learner.clear();
        int number = 0;
        for (byte[] chunk : chunks.arrays()) {
            learner.put(number++, chunk);
        }
        model.update(List.of(modelName));
        if (reportState != null) {
            reports.update(reportState);
        }
    }

    /** Says what the state of the next checkpoint has come to. */
    public void summarize(StateSummary newest) throws Exception {
        summary.update(newest.lines());
    }

    /** How far the learner had come with its releases. */
    public ReleaseState releases() throws Exception {
        return ReleaseState.parse(Contents.of(releases));
    }

    /** Says how far it has come with them. */
    public void releases(ReleaseState newest) throws Exception {
        releases.update(newest.texts());
    }
}
