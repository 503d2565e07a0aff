package io.contrastream.jobs.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.time.Duration;
import java.util.List;

/** Options of the Flink job. Everything else of Flink is configured where Flink is: in the cluster or with {@code flink run -D}. */
public final class JobSettings {

    public static final Setting<String> NAME = new Setting<>(
            key("job.name")
                    .stringType()
                    .defaultValue("contrastream-learning")
                    .withDescription(
                            "Name of the job in Flink. Transactions are named after it too: two jobs of one name"
                                    + " that write exactly-once to one Kafka cluster would abort each other's."),
            Allowed.text("1 to 100 letters, digits, dots, underscores and dashes", "[a-zA-Z0-9._-]{1,100}"));

    public static final Setting<Integer> PARALLELISM = new Setting<>(
            key("job.parallelism")
                    .intType()
                    .defaultValue(1)
                    .withDescription(
                            "Parallel instances that read and decode images; more than the topic has partitions"
                                    + " stay idle. The learner is always one."),
            Allowed.wholeNumberIn(1, 1024));

    public static final Setting<Duration> CHECKPOINT_INTERVAL = new Setting<>(
            key("job.checkpoint-interval")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(1))
                    .withDescription("Time between two checkpoints: how much is learned again after a failure, and with"
                            + " exactly-once how long output takes to become visible."),
            Allowed.durationFrom(Duration.ofMillis(100), "100 ms"));

    public static final Setting<String> CHECKPOINT_DIRECTORY = new Setting<>(
            key("job.checkpoint-directory")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Where checkpoints go, as a URI of a file system that every machine of the cluster"
                            + " reaches. Not set: Flink's execution.checkpointing.dir. One of the two is needed. The"
                            + " newest checkpoint is kept when the job is cancelled or fails, and the next start goes on"
                            + " from it."),
            new Allowed<>(
                    "an absolute path or a URI such as file:///var/lib/contrastream/checkpoints or"
                            + " s3://bucket/checkpoints",
                    Location::isAbsolute));

    public static final List<Setting<?>> ALL = List.of(NAME, PARALLELISM, CHECKPOINT_INTERVAL, CHECKPOINT_DIRECTORY);

    private JobSettings() {}
}
