package io.contrastream.benchmarks.late;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.contrastream.benchmarks.encoder.Machine;
import io.contrastream.benchmarks.late.LateLabelsBenchmark.Figures;
import io.contrastream.benchmarks.late.LateLabelsBenchmark.Taken;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench late-labels}. */
@Command(
        name = "late-labels",
        description = {
            "Has images wait for their labels in the learning job, from a Kafka broker in this process into RocksDB,"
                    + " and tells how large the state is and how long checkpoints of it take.",
            "Images are of random pixels, as they are in memory: nothing makes them smaller. The temporary folder"
                    + " needs three times their bytes."
        },
        mixinStandardHelpOptions = true)
public final class LateLabelsCommand implements Callable<Integer> {

    private static final double MEBIBYTE = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Images that wait (default: ${DEFAULT-VALUE}).")
    private int images;

    @Option(
            names = "--side",
            paramLabel = "N",
            defaultValue = "16",
            description = "Height and width of an image (default: ${DEFAULT-VALUE}, which is 768 bytes).")
    private int side;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "Parallel instances of the join, and partitions (default: ${DEFAULT-VALUE}).")
    private int parallelism;

    @Option(
            names = "--managed-memory",
            paramLabel = "SIZE",
            defaultValue = "256 mb",
            description = "Memory for RocksDB (default: ${DEFAULT-VALUE}).")
    private String managedMemory;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        require(images >= 1, "--images must be at least 1, but is " + images);
        require(side >= 1 && side <= 512, "--side must be from 1 to 512, but is " + side);
        require(parallelism >= 1 && parallelism <= 64, "--parallelism must be from 1 to 64, but is " + parallelism);
        Figures figures = new LateLabelsBenchmark(images, side, parallelism, managedBytes()).run(System.err::println);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .writeValueAsString(figures));
        } else {
            out.printf(Locale.ROOT, "%-12s %s, %d cores%n", "Machine", Machine.processor(), Machine.cores());
            out.printf(
                    Locale.ROOT,
                    "%-12s %,d of %,d bytes, %,.0f a second into the state, of which each takes %,.0f more%n",
                    "Images",
                    images,
                    figures.imageBytes(),
                    figures.imagesPerSecond(),
                    (double) figures.first().bytes() / images - figures.imageBytes());
            line(out, "Checkpoint", figures.first());
            line(out, "1% more", figures.incremental());
        }
        out.flush();
        return 0;
    }

    private static void line(PrintWriter out, String name, Taken taken) {
        out.printf(
                Locale.ROOT,
                "%-12s %.1f s, %,.0f MiB of state, of which %,.1f MiB written%n",
                name,
                taken.seconds(),
                taken.bytes() / MEBIBYTE,
                taken.writtenBytes() / MEBIBYTE);
    }

    private long managedBytes() {
        try {
            return MemorySize.parse(managedMemory).getBytes();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--managed-memory: " + e.getMessage(), e);
        }
    }

    private void require(boolean valid, String problem) {
        if (!valid) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }
}
