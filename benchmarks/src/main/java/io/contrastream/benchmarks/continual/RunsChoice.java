package io.contrastream.benchmarks.continual;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import picocli.CommandLine.Option;

/** Several runs by one command: of which settings, on which orders of classes, and how many at a time. */
final class RunsChoice {

    /** Last seed of those that figures are reported on, and that nothing may be chosen by. */
    static final long LAST_REPORTED = 5;

    /** Name of the only setting if there is no file of them. */
    static final String ONE = "run";

    @Option(
            names = "--sweep",
            paramLabel = "FILE",
            description = {
                "Compare settings: a YAML file with a job's options by name under settings, and under all what all of them "
                        + "have. One table at the end, with means, spreads and cost.",
                "Every run is a process of its own and leaves its figures in --results; one that has ended is not done "
                        + "again, and one that was stopped goes on."
            })
    private Path sweep;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            split = ",",
            description =
                    "Seeds, each a run with an order of classes of its own, such as 1,2,3; means and spreads over them "
                            + "(default with --sweep: 101,102,103,104,105). Settings are chosen by others than 1 to 5, which "
                            + "report.")
    private List<Long> seeds;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description =
                    "Folder of the runs' figures and states (default with --sweep: beside the file, with its name and "
                            + ".results; with --seeds alone: none is kept).")
    private Path results;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Runs at a time on one GPU; on a CPU only as far as it has cores for --threads of each (default: "
                            + "${DEFAULT-VALUE}).")
    private int parallel;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Stop after them, with the table of what has ended by then; the same command goes on.")
    private Double minutes;

    /** Whether this is about more than one run. */
    boolean several() {
        return sweep != null || seeds != null;
    }

    /** @throws IllegalArgumentException naming an option that is there and has no meaning for one run */
    void requireNone() {
        if (results != null || minutes != null || parallel != 1) {
            throw new IllegalArgumentException("--results, --parallel and --minutes are for --sweep or --seeds");
        }
    }

    Path sweep() {
        return sweep;
    }

    /** @throws IllegalArgumentException if one is there twice, or some report and others do not */
    List<Long> seeds() {
        List<Long> chosen =
                seeds != null ? seeds : LongStream.rangeClosed(101, 105).boxed().toList();
        if (new LinkedHashSet<>(chosen).size() < chosen.size()) {
            throw new IllegalArgumentException("--seeds is " + chosen + ", but must have every seed once");
        }
        long reported = chosen.stream().filter(RunsChoice::reported).count();
        if (sweep != null && reported != 0 && reported != chosen.size()) {
            throw new IllegalArgumentException("--seeds is " + chosen
                    + ", but must be of 1 to 5, which report, or of others, by which settings are chosen, not of both");
        }
        return chosen;
    }

    /** Whether settings are chosen by these seeds. */
    boolean choosing() {
        return sweep != null && seeds().stream().noneMatch(RunsChoice::reported);
    }

    private static boolean reported(long seed) {
        return seed >= 1 && seed <= LAST_REPORTED;
    }

    /** The settings by name: those of the file, or one that sets nothing. */
    Map<String, Map<String, String>> settings() {
        return sweep == null ? Map.of(ONE, Map.of()) : SweepFile.read(sweep).settings();
    }

    /** The folder of results; null if they are not kept. */
    Path results() {
        if (results != null || sweep == null) {
            return results;
        }
        return sweep.resolveSibling(sweep.getFileName() + ".results");
    }

    /** @throws IllegalArgumentException if it is not positive */
    Duration limit() {
        if (minutes == null) {
            return null;
        }
        if (!(minutes > 0 && minutes < 1e6)) {
            throw new IllegalArgumentException("--minutes is " + minutes + ", but must be a number above 0");
        }
        return Duration.ofMillis((long) (minutes * 60_000));
    }

    /**
     * Runs at a time.
     *
     * @param device as it was asked for
     * @param threads of a run; 0 for as many as there are cores
     * @throws IllegalArgumentException if there are not the cores for them
     */
    int parallel(String device, int threads) {
        int cores = Runtime.getRuntime().availableProcessors();
        int most = device.startsWith("cuda") ? 64 : threads == 0 ? 1 : Math.max(1, cores / threads);
        if (parallel < 1 || parallel > most) {
            throw new IllegalArgumentException(
                    "--parallel is " + parallel + ", but must be a whole number from 1 to " + most
                            + (device.startsWith("cuda")
                                    ? ""
                                    : " (on " + cores + " cores, with --threads " + (threads == 0 ? "not set" : threads)
                                            + "; a GPU is to be named by --device cuda)"));
        }
        return parallel;
    }

    /** Options that are of all runs together, and not for each of them. */
    static Set<String> own() {
        return Set.of(
                "--sweep",
                "--seeds",
                "--results",
                "--parallel",
                "--minutes",
                "--json",
                "--csv",
                "--markdown",
                "--tensorboard",
                "--config");
    }

    /** Makes the folder of results, a temporary one if none is to be kept. */
    static Path made(Path folder) throws java.io.IOException {
        return folder == null ? Files.createTempDirectory("contrastream-runs") : Files.createDirectories(folder);
    }
}
