package io.contrastream.cli;

import io.contrastream.jobs.learning.state.StartInstruction;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The state that a job is to start from: options of the commands that start one. */
final class StartOptions {

    @Option(
            names = {StartInstruction.SAVEPOINT, StartInstruction.RESTORE},
            paramLabel = "PATH",
            description = "Savepoint or checkpoint to go on from. Default: the newest that the job has left.")
    private String savepoint;

    @Option(names = StartInstruction.FRESH, description = "Start a new model, whatever the job has left.")
    private boolean fresh;

    @Option(
            names = StartInstruction.REPLACE_MODEL,
            description = "Start from an older state, or with --fresh from none, though more has been learned since:"
                    + " what is published from then on replaces the newer vectors.")
    private boolean replaceModel;

    @Option(
            names = StartInstruction.FROM_EARLIEST,
            description = "Read the topic of images from its earliest record on, such as one that was made anew.")
    private boolean fromEarliest;

    StartInstruction instruction() {
        return new StartInstruction(Optional.ofNullable(savepoint), fresh, replaceModel, fromEarliest);
    }
}
