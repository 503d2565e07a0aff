package io.contrastream.cli.demo;

import io.contrastream.cli.local.LocalCluster;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.jobs.embedding.option.EmbeddingSettings;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.option.ReleaseSettings;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.option.KafkaSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;

/**
 * The jobs' options in a demo: a narrow encoder, several optimiser steps a mini-batch and Adam, so that two cores learn
 * a few thousand images in about two minutes, one pass, and everything that happens is seen soon.
 */
final class DemoSettings {

    private static final int SMALLEST_WINDOW = 50;
    private static final int LARGEST_WINDOW = 500;
    /** Optimiser steps of a mini-batch over its images: a release comes about ten times in a demo. */
    private static final int IMAGES_PER_RELEASE_STEP = 30;

    private static final int FEWEST_RELEASE_STEPS = 3;

    /** Prefix of the options that the embedding job alone has. */
    private static final String EMBEDDING = "embedding.";

    private DemoSettings() {}

    /**
     * The options of the learning job.
     *
     * @throws InvalidOptionsException if one that the person gave is not right
     */
    static JobOptions job(DemoOptions demo, int images, String bootstrapServers, Path folder) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model.name", "demo");
        // For a few CPU cores.
        settings.put("encoder.architecture", "resnet18-slim");
        settings.put("encoder.width", "16");
        settings.put("optimizer.kind", "adam");
        settings.put("optimizer.learning-rate", "0.001");
        settings.put("learner.seed", Long.toString(demo.seed()));
        settings.put("learner.recall-size", "30");
        settings.put("learner.replay.capacity", "1000");
        settings.put("learner.steps-per-batch", "3");
        settings.put("learner.refresh-steps", "30");
        settings.put("learner.accuracy-window", Integer.toString(window(images)));
        settings.put("learner.flush-interval", "1 s");
        settings.put("learner.report-interval", "1 s");
        // Generated objects fill the image less than photographs do: a small crop would often miss them.
        settings.put("augment.min-scale", "0.6");
        settings.put(JobSettings.CHECKPOINT_INTERVAL.key(), "5 s");
        settings.put(
                ReleaseSettings.EVERY_STEPS.key(),
                Integer.toString(Math.max(FEWEST_RELEASE_STEPS, images / IMAGES_PER_RELEASE_STEP)));
        // Of a small memory, enough images to tell from which strangeness on an image is unknown.
        settings.put(ReleaseSettings.HELD_OUT_SHARE.key(), "0.1");
        demo.lateLabels().ifPresent(longest -> settings.putAll(LateLabels.settings(longest)));
        settings.putAll(given(demo, key -> !key.startsWith(EMBEDDING)));
        settings.putIfAbsent(
                ReleaseSettings.DIRECTORY.key(), folder.resolve("releases").toString());
        settings.put(KafkaSettings.BOOTSTRAP_SERVERS.key(), bootstrapServers);
        settings.put(
                JobSettings.CHECKPOINT_DIRECTORY.key(),
                folder.resolve("checkpoints").toString());
        return JobOptions.of(Configuration.fromMap(settings));
    }

    private static Map<String, String> given(DemoOptions demo, Predicate<String> wanted) {
        Map<String, String> given = new LinkedHashMap<>(demo.settings());
        given.keySet().removeIf(wanted.negate());
        return given;
    }

    /**
     * The options of the embedding job that follows the learning job's releases.
     *
     * @throws InvalidOptionsException if one that the person gave is not right
     */
    static EmbeddingOptions embedding(DemoOptions demo, JobOptions learning, Path folder) {
        List<String> known = EmbeddingJobSettings.ALL.keys();
        Map<String, String> settings = new LinkedHashMap<>();
        // Those of the learning job that both have, such as image.background.
        settings.putAll(given(demo, key -> key.startsWith(EMBEDDING) || known.contains(key)));
        settings.keySet().removeAll(List.of(JobSettings.NAME.key(), KafkaSettings.GROUP_ID.key()));
        settings.put(EmbeddingSettings.MODEL.key(), learning.learn().model());
        settings.putIfAbsent(JobSettings.CHECKPOINT_INTERVAL.key(), "5 s");
        settings.put(KafkaSettings.BOOTSTRAP_SERVERS.key(), learning.kafka().bootstrapServers());
        settings.put(
                JobSettings.CHECKPOINT_DIRECTORY.key(),
                folder.resolve("embedding-checkpoints").toString());
        return EmbeddingOptions.parse(settings.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toArray(String[]::new));
    }

    /** The part of the stream that brings all classes mixed, so that the window at the end is of that part alone. */
    private static int window(int images) {
        return Math.min(LARGEST_WINDOW, Math.max(SMALLEST_WINDOW, images / 10));
    }

    /** The settings of the cluster. */
    static Configuration cluster(Path folder) {
        Configuration flink = LocalCluster.settings();
        flink.set(CoreOptions.TMP_DIRS, folder.resolve("flink").toString());
        flink.set(WebOptions.TMP_DIR, folder.resolve("flink").toString());
        flink.set(
                CheckpointingOptions.SAVEPOINT_DIRECTORY,
                folder.resolve("savepoints").toUri().toString());
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
        // A demo that fails shall say so rather than try for ever.
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        return flink;
    }
}
