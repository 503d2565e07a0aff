package io.contrastream.operators.saved;

import io.contrastream.learning.failure.Reason;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.MetadataSerializers;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.DefaultOperatorStateBackend;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.util.EnvironmentInformation;

/**
 * The operators of a savepoint or checkpoint and their state, read as Flink reads it in a restore, without a job. Only the
 * metadata is read when it is opened, and a state when it is asked for.
 */
public final class SavedOperators {

    private static final ClassLoader LOADER = SavedOperators.class.getClassLoader();

    private final String location;
    private final Map<String, OperatorState> operators = new HashMap<>();

    private SavedOperators(String location, Collection<OperatorState> operators) {
        this.location = location;
        operators.forEach(operator -> operator.getOperatorUid().ifPresent(uid -> this.operators.put(uid, operator)));
    }

    /**
     * Opens a savepoint or checkpoint.
     *
     * @param savepoint its folder as a path or URI
     * @throws FileNotFoundException if there is none
     * @throws IOException saying what is wrong, if it cannot be read
     */
    public static SavedOperators open(String savepoint) throws IOException {
        CompletedCheckpointStorageLocation location =
                AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(savepoint);
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(location.getMetadataHandle().openInputStream()))) {
            requireKnown(in);
            return new SavedOperators(
                    location.getExternalPointer(),
                    Checkpoints.loadCheckpointMetadata(in, LOADER, savepoint).getOperatorStates());
        } catch (EOFException e) {
            throw new IOException("it is cut off: its metadata ends before its contents do", e);
        } catch (RuntimeException e) {
            throw new IOException("it is damaged: its metadata cannot be read", e);
        }
    }

    /** Looks at how the metadata begins: what Flink says of that is meant for programmers. */
    private static void requireKnown(DataInputStream in) throws IOException {
        in.mark(2 * Integer.BYTES);
        int magic = in.readInt();
        int version = in.readInt();
        in.reset();
        if (magic != Checkpoints.HEADER_MAGIC_NUMBER) {
            throw new IOException(String.format(
                    "it is damaged, or no savepoint: its metadata begins with 0x%08x, not with 0x%08x",
                    magic, Checkpoints.HEADER_MAGIC_NUMBER));
        }
        try {
            MetadataSerializers.getSerializer(version);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "it is damaged, or from another version of Flink: its metadata is of version " + version
                            + ", which Flink " + EnvironmentInformation.getVersion() + " does not read",
                    e);
        }
    }

    /** URI of the folder. */
    public String location() {
        return location;
    }

    /** The {@code uid}s of the operators. */
    public SortedSet<String> uids() {
        return new TreeSet<>(operators.keySet());
    }

    /**
     * The elements of one list state of all subtasks of an operator; no other state is read.
     *
     * @return empty if the operator has no such state
     * @throws IOException if there is no such operator, or its state cannot be read
     */
    public <T> List<T> list(String uid, ListStateDescriptor<T> state) throws IOException {
        List<OperatorStateHandle> handles = handles(uid, state.getName());
        if (handles.isEmpty()) {
            return List.of();
        }
        try (CloseableRegistry streams = new CloseableRegistry()) {
            DefaultOperatorStateBackend backend = new DefaultOperatorStateBackendBuilder(
                            LOADER, new ExecutionConfig(), false, handles, streams)
                    .build();
            try {
                return Contents.of(backend.getListState(state));
            } finally {
                backend.dispose();
            }
        } catch (Exception e) {
            throw new IOException(
                    "the state '" + state.getName() + "' of its operator '" + uid + "' cannot be read: " + Reason.of(e),
                    e);
        }
    }

    /**
     * The keyed state of an operator, to be closed after use.
     *
     * @param key type of its keys
     * @throws IOException if there is no such operator, or its state cannot be read
     */
    public <K> SavedKeyedState<K> keyed(String uid, TypeInformation<K> key) throws IOException {
        OperatorState operator = operator(uid);
        List<KeyedStateHandle> handles = operator.getStates().stream()
                .flatMap(subtask -> subtask.getManagedKeyedState().stream())
                .toList();
        try {
            return SavedKeyedState.open(handles, operator.getMaxParallelism(), key);
        } catch (Exception e) {
            throw new IOException("the keyed state of its operator '" + uid + "' cannot be read: " + Reason.of(e), e);
        }
    }

    private OperatorState operator(String uid) throws IOException {
        OperatorState operator = operators.get(uid);
        if (operator == null) {
            throw new IOException("it has no operator '" + uid + "': it is of another job");
        }
        return operator;
    }

    /** Of all subtasks, each without its other states. */
    private List<OperatorStateHandle> handles(String uid, String state) throws IOException {
        return operator(uid).getStates().stream()
                .flatMap(subtask -> subtask.getManagedOperatorState().stream())
                .map(handle -> only(state, handle))
                .filter(Objects::nonNull)
                .toList();
    }

    private static OperatorStateHandle only(String state, OperatorStateHandle handle) {
        StateMetaInfo found = handle.getStateNameToPartitionOffsets().get(state);
        return found == null
                ? null
                : new OperatorStreamStateHandle(Map.of(state, found), handle.getDelegateStateHandle());
    }
}
