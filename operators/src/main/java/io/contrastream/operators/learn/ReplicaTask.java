package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.operators.learn.option.LearnOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;

/** The figures and resources of the Flink task that a replica of an encoder runs in. */
final class ReplicaTask {

    /** Flink's external resource whose {@link #INDEX} is a GPU's. */
    private static final String GPU = "gpu";

    private static final String INDEX = "index";

    private ReplicaTask() {}

    /**
     * Makes a replica.
     *
     * @throws SuppressRestartsException if starting again would not make a difference: the options do not fit the engine or the cluster
     */
    static ReplicatedEncoder encoder(
            EncoderEngine engine, LearnOptions options, Collective collective, RuntimeContext context) {
        try {
            if (context instanceof StreamingRuntimeContext task) {
                requireInTime(
                        options.replicas().joinTimeout(),
                        task.getTaskManagerRuntimeInfo().getConfiguration());
            }
            engine.requireAskedFor(options.device());
            return engine.create(
                    options.encoder(),
                    options.training(),
                    device(options.device(), context),
                    options.learner().seed(),
                    collective,
                    options.replicas().syncBatchNorm());
        } catch (IllegalArgumentException e) {
            throw new SuppressRestartsException(e);
        }
    }

    /** A wait must end before Flink takes the task for stuck and ends its whole process. */
    static void requireInTime(Duration limit, Configuration taskManager) {
        Duration cancellation = taskManager.get(TaskManagerOptions.TASK_CANCELLATION_TIMEOUT);
        if (!cancellation.isZero() && limit.compareTo(cancellation) >= 0) {
            throw new IllegalArgumentException(
                    "a wait for other learners (learner.replica-timeout, at least a minute at the start) is "
                            + limit.toMillis() + " ms, but must be less than the TaskManager's "
                            + TaskManagerOptions.TASK_CANCELLATION_TIMEOUT.key() + ", which is "
                            + cancellation.toMillis() + " ms");
        }
    }

    /** The GPU that Flink has given to the TaskManager, if it is to be chosen and there is one. */
    private static DeviceOptions device(DeviceOptions options, RuntimeContext context) {
        if (!options.device().equals("auto")) {
            return options;
        }
        List<String> gpus = context.getExternalResourceInfos(GPU).stream()
                .flatMap(gpu -> gpu.getProperty(INDEX).stream())
                .sorted()
                .toList();
        return gpus.isEmpty() ? options : options.on("cuda:" + gpus.get(0));
    }

    /** The address of this machine, as other TaskManagers reach it. */
    static InetAddress address(RuntimeContext context) {
        try {
            return context instanceof StreamingRuntimeContext task
                    ? InetAddress.getByName(task.getTaskManagerRuntimeInfo().getTaskManagerExternalAddress())
                    : InetAddress.getLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the TaskManager's own address cannot be resolved: " + e.getMessage(), e);
        }
    }
}
