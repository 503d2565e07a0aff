package io.contrastream.cli.demo;

import io.contrastream.jobs.embedding.EmbeddingJob;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import java.nio.file.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The embedding job, which begins when there is a release. */
final class Serving {

    private final Resources resources;
    private final EmbeddingOptions options;
    private final Path folder;
    private RunningJob job;

    Serving(Resources resources, EmbeddingOptions options, Path folder) {
        this.resources = resources;
        this.options = options;
        this.folder = folder;
    }

    boolean hasBegun() {
        return job != null;
    }

    void begin() {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(DemoSettings.cluster(folder.resolve("embedding")));
        try {
            job = resources.add(
                    new RunningJob("the embedding job", EmbeddingJob.submit(environment, options, said -> {})));
        } catch (Exception e) {
            throw new DemoException("the embedding job does not start: " + RunningJob.reason(e), e);
        }
    }

    void requireHealthy() throws InterruptedException {
        if (job != null) {
            job.requireHealthy();
        }
    }

    void stop() throws InterruptedException {
        if (job != null) {
            job.awaitRunning();
            job.stop();
        }
    }
}
