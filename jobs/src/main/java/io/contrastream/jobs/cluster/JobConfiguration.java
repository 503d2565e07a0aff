package io.contrastream.jobs.cluster;

import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.JobSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Flink settings that every job needs; all else is as the cluster has it. */
public final class JobConfiguration {

    private static final Duration ALIGNED_CHECKPOINT_TIMEOUT = Duration.ofSeconds(5);

    private JobConfiguration() {}

    /**
     * Sets it.
     *
     * @param checkpointInterval time between two checkpoints
     * @param checkpointDirectory URI where they go; empty for Flink's own setting
     * @throws InvalidOptionsException if there is no place for checkpoints
     */
    public static void apply(
            StreamExecutionEnvironment env, Duration checkpointInterval, Optional<String> checkpointDirectory) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
        // An encoder is slower than what feeds it: a barrier that has waited so long overtakes the images before it.
        flink.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        flink.set(CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, ALIGNED_CHECKPOINT_TIMEOUT);
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        checkpointDirectory.ifPresent(directory -> flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory));
        env.configure(flink);
        if (env.getConfiguration()
                .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
                .isEmpty()) {
            throw new InvalidOptionsException(List.of(JobSettings.CHECKPOINT_DIRECTORY.key()
                    + " is not set, and neither is Flink's " + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key()
                    + ", but one of them must be "
                    + JobSettings.CHECKPOINT_DIRECTORY.allowed().text()));
        }
    }
}
