package io.contrastream.benchmarks.encoder;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Facts about this machine and this process, from Linux. */
public final class Machine {

    private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*: (.*)$");
    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s*(\\d+) kB$");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*(\\d+) kB$");

    private Machine() {}

    /** Model of the processor, or its architecture where that is not told. */
    public static String processor() {
        return first(Path.of("/proc/cpuinfo"), MODEL).orElse(System.getProperty("os.arch"));
    }

    public static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Time of all processors together that this process has taken so far, by all of its threads; 0 if the system does not tell. */
    public static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? Math.max(0, system.getProcessCpuTime())
                : 0;
    }

    /** The most physical memory that this process has had so far, if the system tells. */
    public static OptionalLong peakResidentBytes() {
        return bytes(PEAK);
    }

    /** The physical memory that this process has now, if the system tells. */
    public static OptionalLong residentBytes() {
        return bytes(RESIDENT);
    }

    private static OptionalLong bytes(Pattern line) {
        return first(Path.of("/proc/self/status"), line).stream()
                .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
                .findFirst();
    }

    private static Optional<String> first(Path file, Pattern pattern) {
        try {
            return pattern.matcher(Files.readString(file)).results().findFirst().map(match -> match.group(1));
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }
}
