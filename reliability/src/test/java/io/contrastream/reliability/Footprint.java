package io.contrastream.reliability;

import io.contrastream.testing.ChildProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory and classes that a JVM holds on to after a full collection.
 *
 * @param userClassLoaders class loaders of job jars
 * @param metaspaceBytes metadata of loaded classes
 * @param residentBytes physical memory, with all that native libraries take
 */
record Footprint(long threads, long userClassLoaders, long metaspaceBytes, long residentBytes) {

    private static final Pattern METASPACE = Pattern.compile("Metaspace +used (\\d+)K");
    private static final long KIB = 1024;

    static Footprint of(ChildProcess jvm) throws IOException, InterruptedException {
        jcmd(jvm, "GC.run");
        Matcher metaspace = METASPACE.matcher(jcmd(jvm, "GC.heap_info"));
        if (!metaspace.find()) {
            throw new AssertionError("jcmd does not tell the metaspace of " + jvm);
        }
        return new Footprint(
                status(jvm, "Threads"),
                jcmd(jvm, "VM.classloader_stats")
                        .lines()
                        .filter(line -> line.contains("ChildFirstClassLoader"))
                        .count(),
                Long.parseLong(metaspace.group(1)) * KIB,
                status(jvm, "VmRSS") * KIB);
    }

    /** How much more there is than before. */
    Footprint minus(Footprint before) {
        return new Footprint(
                threads - before.threads,
                userClassLoaders - before.userClassLoaders,
                metaspaceBytes - before.metaspaceBytes,
                residentBytes - before.residentBytes);
    }

    @Override
    public String toString() {
        return String.format(
                "%d threads, %d class loaders of jobs, %.1f MB of metaspace, %.0f MB resident",
                threads, userClassLoaders, metaspaceBytes / 1e6, residentBytes / 1e6);
    }

    /** A figure of Linux's, whose unit, where it has one, is KiB. */
    private static long status(ChildProcess jvm, String key) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(jvm.pid()), "status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static String jcmd(ChildProcess jvm, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                        Long.toString(jvm.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("jcmd " + command + ": " + output);
        }
        return output;
    }
}
