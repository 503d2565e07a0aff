package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.DeviceOptions;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;

/** Looks whether the TaskManager has as much memory as the options let the process take. */
final class MemoryBudget {

    private MemoryBudget() {}

    /**
     * Checks the limit against the TaskManager that the task runs in.
     *
     * @throws SuppressRestartsException if it allows more than the TaskManager has: the container would be killed before the
     *     limit is reached
     */
    static void require(DeviceOptions device, RuntimeContext context) {
        if (context instanceof StreamingRuntimeContext task) {
            require(device.memoryLimitBytes(), task.getTaskManagerRuntimeInfo().getConfiguration());
        }
    }

    /** @param taskManager its configuration; without a size of its process, as in a local cluster, nothing is checked */
    static void require(long limitBytes, Configuration taskManager) {
        if (!taskManager.contains(TaskManagerOptions.TOTAL_PROCESS_MEMORY)
                && !taskManager.contains(TaskManagerOptions.TOTAL_FLINK_MEMORY)) {
            return;
        }
        MemorySize process =
                TaskExecutorProcessUtils.processSpecFromConfig(taskManager).getTotalProcessMemorySize();
        if (limitBytes > process.getBytes()) {
            throw new SuppressRestartsException(new IllegalArgumentException("encoder.memory-limit is "
                    + new MemorySize(limitBytes).toHumanReadableString() + ", but the TaskManager has "
                    + process.toHumanReadableString() + ": raise its "
                    + TaskManagerOptions.TOTAL_PROCESS_MEMORY.key() + " above the limit, or lower the limit"));
        }
    }
}
