package io.contrastream.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.testing.FlinkCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** Looks every second at the memory of a TaskManager, until it is closed. */
final class MemoryWatch implements AutoCloseable {

    /** With which a TaskManager is to be started: a heap that is touched only as it is used looks like growth outside it. */
    static final String SETTING = "env.java.opts.taskmanager=-Djava.awt.headless=true -XX:+AlwaysPreTouch";

    private static final String HEAP = "Status.JVM.Memory.Heap.";
    private static final int PARTS = 4;

    private final FlinkCluster cluster;
    private final String taskManager;
    private final List<Sample> samples = new ArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Future<?> looks;

    MemoryWatch(FlinkCluster cluster, String taskManager) {
        this.cluster = cluster;
        this.taskManager = taskManager;
        looks = clock.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            Sample sample = sample();
            synchronized (samples) {
                samples.add(sample);
            }
        } catch (IOException missed) {
            // A figure less.
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private Sample sample() throws IOException, InterruptedException {
        long used = 0;
        long committed = 0;
        for (JsonNode metric : cluster.rest()
                .get("taskmanagers/" + taskManager + "/metrics?get=" + HEAP + "Used," + HEAP + "Committed")) {
            if (metric.get("id").asText().endsWith("Used")) {
                used = metric.get("value").asLong();
            } else {
                committed = metric.get("value").asLong();
            }
        }
        return new Sample(residentBytes(cluster.taskManager(taskManager).pid()), used, committed);
    }

    /** Physical memory that a process takes. */
    static long residentBytes(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("process " + pid + " has ended");
    }

    /** The most physical memory seen. */
    long mostResidentBytes() {
        return samples().stream().mapToLong(Sample::resident).max().orElse(0);
    }

    /** By how much what lies outside the Java heap has grown since the first quarter of the time: medians of the second and last quarter. */
    long nativeGrowth() {
        return median(PARTS, Sample::outsideHeap) - median(2, Sample::outsideHeap);
    }

    /** The same of what is used inside the heap, garbage included. */
    long heapGrowth() {
        return median(PARTS, Sample::heapUsed) - median(2, Sample::heapUsed);
    }

    private long median(int part, ToLongFunction<Sample> figure) {
        List<Sample> all = samples();
        return all.subList(all.size() * (part - 1) / PARTS, all.size() * part / PARTS).stream()
                .mapToLong(figure)
                .sorted()
                .skip(all.size() / PARTS / 2)
                .findFirst()
                .orElse(0);
    }

    private List<Sample> samples() {
        synchronized (samples) {
            return List.copyOf(samples);
        }
    }

    /** Medians of the four quarters of the time, in MiB. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "MiB by quarter of the time: resident %s, at most %d; heap used %s; outside the heap %s",
                quarters(Sample::resident),
                mostResidentBytes() >> 20,
                quarters(Sample::heapUsed),
                quarters(Sample::outsideHeap));
    }

    private String quarters(ToLongFunction<Sample> figure) {
        List<String> medians = new ArrayList<>();
        for (int part = 1; part <= PARTS; part++) {
            medians.add(Long.toString(median(part, figure) >> 20));
        }
        return String.join(" ", medians);
    }

    @Override
    public void close() {
        looks.cancel(true);
        clock.shutdownNow();
    }

    private record Sample(long resident, long heapUsed, long heapCommitted) {

        long outsideHeap() {
            return resident - heapCommitted;
        }
    }
}
