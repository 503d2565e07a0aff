package io.contrastream.benchmarks.continual;

import io.contrastream.benchmarks.encoder.Machine;
import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.learner.Learner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Where a run leaves its state, and whether it goes on from there. */
final class Resumption {

    @Option(
            names = "--resume",
            paramLabel = "FILE",
            description = "Keep the state of the run in this file and, if it is there already, go on from it: the same "
                    + "command, however often it is killed, ends with the same figures, except for times and memory.")
    private Path file;

    @Option(
            names = "--resume-every",
            paramLabel = "N",
            defaultValue = "50",
            description =
                    "Mini-batches after which the state is written, beside after every test (default: ${DEFAULT-VALUE}).")
    private int every;

    private SortedMap<String, String> options = new TreeMap<>();
    private long earlierPeak;

    /** As the command line has it. */
    Resumption() {}

    Resumption(Path file, int every) {
        this.file = file;
        this.every = every;
    }

    Path file() {
        return file;
    }

    /**
     * Begins, or takes the learner to where its run was.
     *
     * @param runOptions all that the run depends on
     * @throws IllegalArgumentException saying what is wrong, if the file has no state, or that of another run
     */
    ContinualProgress begin(SortedMap<String, String> runOptions, Learner learner) {
        if (every < 1) {
            throw new IllegalArgumentException("--resume-every is " + every + ", but must be at least 1");
        }
        options = runOptions;
        if (file == null || !Files.exists(file)) {
            return new ContinualProgress();
        }
        try {
            ContinualState state = ContinualState.read(file);
            state.requireSame(options);
            learner.restore(state.learner(), state.slots());
            earlierPeak = state.peakResidentBytes();
            return new ContinualProgress(state.progress());
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("--resume " + file + ": " + Reason.of(e), e);
        }
    }

    /** A mini-batch has been learned. */
    void learned(ContinualProgress progress, Learner learner) {
        if (progress.miniBatches() % every == 0) {
            write(progress, learner);
        }
    }

    /** Writes the state, if it is wanted. */
    void write(ContinualProgress progress, Learner learner) {
        if (file == null) {
            return;
        }
        try {
            ContinualState.of(options, peakResidentBytes(), progress, learner).write(file);
        } catch (IOException e) {
            throw new UncheckedIOException("--resume " + file + ": cannot be written: " + Reason.of(e), e);
        }
    }

    /** The most memory that this process or an earlier one of the run has had; 0 if unknown. */
    long peakResidentBytes() {
        return Math.max(earlierPeak, Machine.peakResidentBytes().orElse(0));
    }
}
