package io.contrastream.cli;

import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.JobSettings;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginUtils;

/** Flink's configuration and plugins, as the folder of this program has them. */
final class FlinkFolder {

    private FlinkFolder() {}

    /** The configuration, with what is given winning over it; file systems that are plugins are there from now on. */
    static Configuration configuration(Map<String, String> given) {
        Configuration flink = GlobalConfiguration.loadConfiguration(Configuration.fromMap(given));
        FileSystem.initialize(flink, PluginUtils.createPluginManagerFromRootFolder(flink));
        return flink;
    }

    /**
     * URI of a job's folder of checkpoints.
     *
     * @throws InvalidOptionsException if neither the job nor Flink has one
     */
    static String checkpointDirectory(JobOptions job, Configuration flink) {
        return job.checkpointDirectory()
                .or(() -> flink.getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .orElseThrow(() -> new InvalidOptionsException(List.of(JobSettings.CHECKPOINT_DIRECTORY.key()
                        + " is not set, and neither is Flink's " + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key()
                        + ", but one of them must be "
                        + JobSettings.CHECKPOINT_DIRECTORY.allowed().text())));
    }
}
