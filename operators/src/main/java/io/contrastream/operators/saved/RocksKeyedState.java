package io.contrastream.operators.saved;

import java.io.File;
import java.nio.file.Files;
import java.util.Collection;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.state.rocksdb.RocksDBKeyedStateBackendBuilder;
import org.apache.flink.state.rocksdb.RocksDBPriorityQueueConfig;
import org.apache.flink.state.rocksdb.RocksDBResourceContainer;
import org.apache.flink.util.FileUtils;
import org.rocksdb.RocksDB;

/** Keyed state that RocksDB has written, in a database of its own in a temporary folder. Apart, for a process may lack RocksDB. */
final class RocksKeyedState {

    private RocksKeyedState() {}

    static <K> SavedKeyedState<K> open(Collection<KeyedStateHandle> handles, int keyGroups, TypeInformation<K> key)
            throws Exception {
        RocksDB.loadLibrary();
        File folder = Files.createTempDirectory("contrastream-state-").toFile();
        RocksDBResourceContainer options = new RocksDBResourceContainer();
        AutoCloseable files = () -> {
            options.close();
            FileUtils.deleteDirectory(folder);
        };
        try (CloseableRegistry streams = new CloseableRegistry()) {
            return new SavedKeyedState<>(
                    new RocksDBKeyedStateBackendBuilder<>(
                                    "saved",
                                    RocksKeyedState.class.getClassLoader(),
                                    folder,
                                    options,
                                    name -> options.getColumnOptions(),
                                    null,
                                    key.createSerializer(new SerializerConfigImpl()),
                                    keyGroups,
                                    KeyGroupRange.of(0, keyGroups - 1),
                                    new ExecutionConfig(),
                                    LocalRecoveryConfig.BACKUP_AND_RECOVERY_DISABLED,
                                    new RocksDBPriorityQueueConfig(),
                                    TtlTimeProvider.DEFAULT,
                                    LatencyTrackingStateConfig.disabled(),
                                    SizeTrackingStateConfig.disabled(),
                                    new UnregisteredMetricsGroup(),
                                    (name, value) -> {},
                                    handles,
                                    UncompressedStreamCompressionDecorator.INSTANCE,
                                    streams)
                            .build(),
                    files);
        } catch (Exception e) {
            files.close();
            throw e;
        }
    }
}
