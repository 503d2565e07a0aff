package io.contrastream.jobs.learning;

import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;

/** Clusters and options for tests of the job, and which of its embeddings are of images just learned. */
final class TestJobs {

    private TestJobs() {}

    /** One TaskManager for a job at a time, whose metrics go to the reporter. */
    static MiniClusterExtension cluster(InMemoryReporter reporter) {
        Configuration flink = new Configuration();
        // Accumulators come with them.
        flink.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofSeconds(1));
        return new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
                .setNumberTaskManagers(1)
                .setNumberSlotsPerTaskManager(3)
                .setConfiguration(reporter.addToConfiguration(flink))
                .build());
    }

    /**
     * A small, quick learner on the topics, in which no mini-batch is closed by time.
     *
     * @param more options that win over these
     */
    static JobOptions options(
            String bootstrapServers, Map<Topic, String> topics, Path checkpoints, Map<String, String> more) {
        Map<String, String> options = new HashMap<>(Map.of(
                "kafka.bootstrap-servers", bootstrapServers,
                "image.height", "12",
                "image.width", "12",
                "encoder.width", "4",
                "encoder.projection-size", "16",
                "learner.batch-size", "4",
                "learner.recall-size", "12",
                "learner.replay.capacity", "24",
                "learner.refresh-steps", "5",
                "learner.flush-interval", "1 h"));
        options.put("encoder.architecture", "resnet18-slim");
        options.put("learner.steps-per-batch", "1");
        // More would wait for each other longer than they compute.
        options.put("encoder.threads", "1");
        options.put("learner.report-interval", "200 ms");
        options.put("job.checkpoint-interval", "500 ms");
        options.put("job.checkpoint-directory", checkpoints.toUri().toString());
        TopicSettings.TOPICS.forEach((topic, setting) -> options.put(setting.key(), topics.get(topic)));
        if (more.containsKey(TopicSettings.IMAGES.key())) {
            options.remove(TopicSettings.LABELLED_IMAGES.key());
        }
        options.putAll(more);
        List<String> arguments = new ArrayList<>();
        options.forEach((key, value) -> arguments.add("--" + key + "=" + value));
        return JobOptions.parse(arguments.toArray(String[]::new));
    }

    /** How many of the embeddings are of images just learned. */
    static long learned(List<Embedding> embeddings) {
        return embeddings.stream().filter(TestJobs::isLearned).count();
    }

    static boolean isLearned(Embedding embedding) {
        return embedding.getOrigin() == EmbeddingOrigin.LEARNED;
    }
}
