package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.testing.Await;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A learning job of a small encoder with topics of its own, but for the images, which it shares with others. Mini-batches are
 * closed by their size alone.
 *
 * @param name of the job, its consumer group and its topics
 * @param checkpoints folder of its checkpoints
 * @param settings all of its options but for that folder
 */
record LearningRun(String name, Path checkpoints, Map<String, String> settings) {

    /** New images in a mini-batch. */
    static final int BATCH = 8;
    /** Partitions of the topic for embeddings. */
    static final int PARTITIONS = 3;

    private static final Pattern STOPPED = Pattern.compile("goes on from (\\S+)");

    /**
     * Creates the topics of a job, and that of its images if it is missing.
     *
     * @param more options that win over those chosen here
     */
    static LearningRun create(
            String name, KafkaProcess kafka, String images, int partitions, Path folder, Map<String, String> more) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "job.name", name,
                "kafka.group-id", name,
                "kafka.bootstrap-servers", kafka.bootstrapServers(),
                "job.checkpoint-interval", "1 s",
                "image.height", "8",
                "image.width", "8",
                "encoder.width", "4",
                "encoder.projection-size", "16",
                // More would wait for each other longer than they compute.
                "encoder.threads", "1"));
        settings.putAll(Map.of(
                "encoder.architecture", "resnet18-slim",
                "optimizer.momentum", "0.9",
                "optimizer.learning-rate", "0.01",
                "learner.batch-size", Integer.toString(BATCH),
                "learner.recall-size", "8",
                "learner.steps-per-batch", "1",
                "learner.replay.capacity", "64",
                "learner.refresh-steps", "50",
                "learner.flush-interval", "1 d",
                "augment.threads", "1"));
        TopicSettings.TOPICS.forEach((topic, setting) -> settings.put(setting.key(), name + "-" + topic.id()));
        settings.put(TopicSettings.TOPICS.get(Topic.LABELLED_IMAGES).key(), images);
        settings.putAll(more);
        LearningRun run = new LearningRun(name, folder.resolve(name), settings);
        run.createTopics(kafka, partitions);
        return run;
    }

    /** Creates its topics, of which images have so many partitions. */
    void createTopics(KafkaProcess kafka, int partitions) {
        kafka.create(new TopicLayout(
                Map.of(Topic.LABELLED_IMAGES, topic(Topic.LABELLED_IMAGES)), partitions, TopicLayout.CLUSTER_DEFAULT));
        Map<Topic, String> all = new EnumMap<>(Topic.class);
        TopicSettings.TOPICS.keySet().forEach(topic -> all.put(topic, topic(topic)));
        kafka.create(new TopicLayout(all, PARTITIONS, TopicLayout.CLUSTER_DEFAULT));
    }

    /** The same job with other values of some options. */
    LearningRun with(Map<String, String> changed) {
        Map<String, String> all = new TreeMap<>(settings);
        all.putAll(changed);
        return new LearningRun(name, checkpoints, all);
    }

    /** Its options as arguments for {@code submit.sh}, which knows the folder of checkpoints. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        settings.forEach((key, value) -> arguments.addAll(List.of("--" + key, value)));
        return arguments;
    }

    /** All of its options as arguments of the job. */
    List<String> allArguments() {
        List<String> all = arguments();
        all.addAll(List.of("--job.checkpoint-directory", checkpoints.toUri().toString()));
        return all;
    }

    /** URI of the newest complete checkpoint; empty if there is none, or the job is just replacing it. */
    String newestCheckpoint() throws IOException {
        if (!Files.exists(checkpoints)) {
            return "";
        }
        try (Stream<Path> files = Files.walk(checkpoints)) {
            return files.filter(file -> file.endsWith("_metadata"))
                    .max(Comparator.comparing(file -> file.toFile().lastModified()))
                    .map(file -> file.getParent().toUri().toString())
                    .orElse("");
        } catch (UncheckedIOException replaced) {
            return "";
        }
    }

    /** Returns when a checkpoint holds an encoder version. */
    void awaitCheckpoint(long version) throws Exception {
        Await.until("there is a checkpoint of encoder version " + version, () -> {
            String newest = newestCheckpoint();
            try {
                return newest.contains("/chk-")
                        && LearningJob.savedLearner(newest).state().encoder().step() == version;
            } catch (IOException replaced) {
                return false;
            }
        });
    }

    /** Output of {@code contrastream checkpoints} about it. */
    String checkpointsCommand(Path logs, String command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("checkpoints", command));
        arguments.addAll(allArguments());
        return Script.run(Await.PATIENCE, logs, "contrastream", arguments.toArray(String[]::new));
    }

    /** The savepoint that the last line with one says it goes on from. */
    static String savepointIn(String output) {
        Matcher stopped = STOPPED.matcher(output);
        String last = "";
        while (stopped.find()) {
            last = stopped.group(1);
        }
        assertThat(last).as(output).isNotEmpty();
        return last;
    }

    String topic(Topic topic) {
        return settings.get(TopicSettings.TOPICS.get(topic).key());
    }
}
