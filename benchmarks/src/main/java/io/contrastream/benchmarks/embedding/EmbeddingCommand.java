package io.contrastream.benchmarks.embedding;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.encoder.Machine;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code contrastream bench embedding}. */
@Command(
        name = "embedding",
        description = {
            "Times the embedding job on a broker in this process: images per second from topic to topic, beside bare ONNX Runtime"
                    + " with as many threads, and the latency at half of that rate.",
            "Images are JPEG files; the weights are random."
        },
        mixinStandardHelpOptions = true)
public final class EmbeddingCommand implements Callable<Integer> {

    /** From this side on, the network has the stem for large images. */
    private static final int LARGE = 64;

    private static final int PROJECTION = 128;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--architecture",
            defaultValue = "resnet18",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Architecture architecture;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "Filters of the first stage (default: the architecture's own).")
    private Integer width;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "32",
            description = "Side of an image; from 64 on, the stem is imagenet, else cifar (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "Parallel instances of the job, and sessions of bare ONNX Runtime (default: ${DEFAULT-VALUE}).")
    private int parallelism;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of each (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Most images of a micro-batch, and all of a bare one (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--batch-delay",
            paramLabel = "MS",
            defaultValue = "20",
            description =
                    "Longest that an image waits for its micro-batch, in milliseconds (default: ${DEFAULT-VALUE}).")
    private int delay;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Time of each of the three measurements, about (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        EncoderSpec network = new EncoderSpec(
                architecture,
                size < LARGE ? Stem.CIFAR : Stem.IMAGENET,
                width == null ? architecture.defaultWidth() : width,
                new ImageShape(3, size, size),
                PROJECTION,
                Normalization.CIFAR100);
        EmbeddingBenchmark.Figures figures = new EmbeddingBenchmark(
                        network,
                        new BareRuntime(parallelism, threads, batch),
                        Duration.ofMillis(delay),
                        Duration.ofSeconds(seconds))
                .run();
        ObjectNode report = report(figures);
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.toString() : text(report));
        out.flush();
        return 0;
    }

    private ObjectNode report(EmbeddingBenchmark.Figures figures) {
        return new ObjectMapper()
                .createObjectNode()
                .put("version", spec.root().version()[0])
                .put("cpu", Machine.processor())
                .put("cores", Machine.cores())
                .put("architecture", architecture.toString())
                .put("size", size)
                .put("parallelism", parallelism)
                .put("threads", threads)
                .put("batch", batch)
                .put("batch_delay_ms", delay)
                .put("images_per_second", figures.perSecond())
                .put("bare_images_per_second", figures.barePerSecond())
                .put("share_of_bare", figures.perSecond() / figures.barePerSecond())
                .put("latency_ms_p50", figures.latency().medianMillis())
                .put("latency_ms_p99", figures.latency().percentileMillis(99));
    }

    private static String text(ObjectNode report) {
        return String.format(
                Locale.ROOT,
                "%s, %d pixels a side, %d instances of %d threads, micro-batches of %d images or %d ms; %s%n"
                        + "from topic to topic %.1f images/s, bare ONNX Runtime %.1f images/s, share %.3f%n"
                        + "latency at half of that: median %.0f ms, p99 %.0f ms",
                report.get("architecture").asText(),
                report.get("size").asInt(),
                report.get("parallelism").asInt(),
                report.get("threads").asInt(),
                report.get("batch").asInt(),
                report.get("batch_delay_ms").asInt(),
                report.get("cpu").asText(),
                report.get("images_per_second").asDouble(),
                report.get("bare_images_per_second").asDouble(),
                report.get("share_of_bare").asDouble(),
                report.get("latency_ms_p50").asDouble(),
                report.get("latency_ms_p99").asDouble());
    }
}
