package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.testing.Script;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks as they are shipped, each in a process of its own. */
final class BenchITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path logs;

    @Test
    void theEncoderOfTheFolderIsMeasured() throws Exception {
        assertThat(Script.run(PATIENCE, logs, "contrastream", bench("--width 2 --size 8 --batch 4")))
                .startsWith("{")
                .contains("\"engine\":\"dl4j\"", "\"train_images_per_second\":");
    }

    @Test
    void theEmbeddingJobIsMeasuredBesideBareOnnxRuntime() throws Exception {
        assertThat(Script.run(
                        PATIENCE,
                        logs,
                        "contrastream",
                        "bench embedding --json --seconds 1 --width 2 --size 8 --parallelism 1 --batch 4"
                                .split(" ", -1)))
                .startsWith("{")
                .contains(
                        "\"images_per_second\":",
                        "\"bare_images_per_second\":",
                        "\"latency_ms_p50\":",
                        "\"latency_ms_p99\":");
    }

    @Test
    void aBatchThatDoesNotFitIsAnErrorThatNamesTheOptionsAndTheLimit() throws Exception {
        assertThat(Script.run(
                        1,
                        PATIENCE,
                        logs,
                        "contrastream",
                        bench("--architecture resnet18-slim --batch 1000 --memory-limit 800mb")))
                .startsWith(
                        "contrastream: there is not enough memory for training on 1000 views (resnet18-slim of width 20")
                .contains("maxPhysicalBytes (800M)", "raise --memory-limit or lower --batch")
                .hasLineCount(1);
    }

    @Test
    void aLimitBelowWhatTheProcessTakesIsRefused() throws Exception {
        assertThat(Script.run(2, PATIENCE, logs, "contrastream", bench("--memory-limit 1mb")))
                .contains("the memory limit must be above what the process takes already");
    }

    private static String[] bench(String options) {
        return ("bench encoder --json --seconds 0 --warmup 0 " + options).split(" ", -1);
    }
}
