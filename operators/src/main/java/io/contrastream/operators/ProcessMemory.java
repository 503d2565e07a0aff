package io.contrastream.operators;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Metrics of the memory of the process that an operator runs in, with what engines take outside of the Java heap: the names and what is
 * behind them. Flink's own metrics are of the Java heap and of what Java counts.
 */
public final class ProcessMemory {

    /**
     * Memory that the process takes for itself in bytes, Java heap and native memory of engines included, mapped files excluded: what the
     * limit is about; NaN on other systems than Linux.
     */
    public static final String BYTES = "processBytes";
    /**
     * Limit of the process's memory in bytes, beyond which an engine is refused memory: {@code encoder.memory-limit}, or what the TaskManager
     * was started with; NaN without one.
     */
    public static final String LIMIT_BYTES = "processLimitBytes";

    /** The limit that {@code taskmanager.sh} gives the process. */
    private static final String LIMIT_PROPERTY = "org.bytedeco.javacpp.maxphysicalbytes";

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ANONYMOUS_KB = "RssAnon:";

    private ProcessMemory() {}

    /**
     * Registers both.
     *
     * @param limitBytes of the process; 0 for what it was started with
     */
    public static void register(MetricGroup group, long limitBytes) {
        double limit = limitBytes > 0 ? limitBytes : startedWith(System.getProperty(LIMIT_PROPERTY, ""));
        group.<Double, Gauge<Double>>gauge(BYTES, ProcessMemory::bytes);
        group.<Double, Gauge<Double>>gauge(LIMIT_BYTES, () -> limit);
    }

    private static double startedWith(String property) {
        // Zero is no limit.
        return property.matches("[1-9]\\d*") ? Double.parseDouble(property) : Double.NaN;
    }

    private static double bytes() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(ANONYMOUS_KB))
                    .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
