package io.contrastream.operators.saved;

import io.contrastream.learning.failure.Reason;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackendBuilder;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSetFactory;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/**
 * Keyed state of one operator, read without a job from what the heap or RocksDB has written. Everything is read when it is opened.
 *
 * @param <K> type of the keys
 */
public final class SavedKeyedState<K> implements AutoCloseable {

    private final AbstractKeyedStateBackend<K> backend;
    private final AutoCloseable files;

    SavedKeyedState(AbstractKeyedStateBackend<K> backend, AutoCloseable files) {
        this.backend = backend;
        this.files = files;
    }

    /** @param keyGroups maximum parallelism of the operator */
    static <K> SavedKeyedState<K> open(Collection<KeyedStateHandle> handles, int keyGroups, TypeInformation<K> key)
            throws Exception {
        if (handles.stream().anyMatch(IncrementalKeyedStateHandle.class::isInstance)) {
            return RocksKeyedState.open(handles, keyGroups, key);
        }
        try {
            return heap(handles, keyGroups, key);
        } catch (Exception e) {
            // A checkpoint of RocksDB that is not incremental is of the same class, and of another form.
            try {
                return RocksKeyedState.open(handles, keyGroups, key);
            } catch (Exception | LinkageError neither) {
                e.addSuppressed(neither);
                throw e;
            }
        }
    }

    private static <K> SavedKeyedState<K> heap(
            Collection<KeyedStateHandle> handles, int keyGroups, TypeInformation<K> key) throws Exception {
        KeyGroupRange all = KeyGroupRange.of(0, keyGroups - 1);
        try (CloseableRegistry streams = new CloseableRegistry()) {
            return new SavedKeyedState<>(
                    new HeapKeyedStateBackendBuilder<>(
                                    null,
                                    key.createSerializer(new SerializerConfigImpl()),
                                    SavedKeyedState.class.getClassLoader(),
                                    keyGroups,
                                    all,
                                    new ExecutionConfig(),
                                    TtlTimeProvider.DEFAULT,
                                    LatencyTrackingStateConfig.disabled(),
                                    SizeTrackingStateConfig.disabled(),
                                    handles,
                                    UncompressedStreamCompressionDecorator.INSTANCE,
                                    LocalRecoveryConfig.BACKUP_AND_RECOVERY_DISABLED,
                                    new HeapPriorityQueueSetFactory(all, keyGroups, 128),
                                    false,
                                    streams)
                            .build(),
                    () -> {});
        }
    }

    /** A map that is stored, of all keys together; empty if there is none of the name. */
    public <T> Map<Integer, T> map(MapStateDescriptor<Integer, T> state) throws IOException {
        try {
            List<K> keys;
            try (Stream<K> stored = backend.getKeys(state.getName(), VoidNamespace.INSTANCE)) {
                keys = stored.distinct().toList();
            }
            Map<Integer, T> contents = new HashMap<>();
            for (K key : keys) {
                backend.setCurrentKey(key);
                contents.putAll(Contents.of(
                        backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, state)));
            }
            return contents;
        } catch (Exception e) {
            throw new IOException("the state '" + state.getName() + "' cannot be read: " + Reason.of(e), e);
        }
    }

    @Override
    public void close() throws IOException {
        backend.dispose();
        try {
            files.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
