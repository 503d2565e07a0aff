package io.contrastream.cli;

import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.state.KnownStates;
import io.contrastream.jobs.learning.state.SavedState;
import io.contrastream.jobs.learning.state.StateFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream checkpoints}. */
@Command(
        name = "checkpoints",
        description = "Shows and tidies what a job has left to go on from.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class CheckpointsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do with checkpoints: list or prune");
    }

    @Command(
            name = "list",
            description =
                    "Lists the checkpoints and savepoints of a job by what they hold, the one that it goes on from first.",
            customSynopsis = "contrastream checkpoints list [--config FILE] [--KEY VALUE]...",
            mixinStandardHelpOptions = true)
    int list(@Mixin JobArguments arguments) throws IOException {
        JobOptions job = arguments.options();
        KnownStates known = known(job);
        Optional<SavedState> newest = known.newest();
        PrintWriter out = spec.commandLine().getOut();
        known.states().stream()
                .sorted(SavedState.BY_CONTENT
                        .thenComparing(state -> newest.filter(state::equals).isPresent())
                        .reversed())
                .forEach(state -> out.println(
                        (newest.filter(state::equals).isPresent() ? "newest      " : "older       ") + line(state)));
        known.others().stream()
                .sorted(Comparator.comparing(SavedState::location))
                .forEach(state -> out.println("other job   " + line(state)));
        known.unreadable().forEach((path, problem) -> out.println("unreadable  " + path + ": " + problem));
        if (known.states().isEmpty()) {
            out.println("The job " + job.name() + " has left nothing to go on from.");
        } else if (newest.isEmpty()) {
            out.println("The last start of the job " + job.name()
                    + ", which left these behind, has left nothing yet: it is" + " repeated.");
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "prune",
            description = {
                "Deletes the checkpoints of a job that nothing goes on from: all but the newest state, and what that"
                        + " state makes use of.",
                "Those of other jobs, and savepoints, stay."
            },
            customSynopsis =
                    "contrastream checkpoints prune [--dry-run] [--savepoints] [--config FILE] [--KEY VALUE]...",
            mixinStandardHelpOptions = true)
    int prune(
            @Mixin JobArguments arguments,
            @Option(names = "--dry-run", description = "Only say what would be deleted.") boolean dryRun,
            @Option(names = "--savepoints", description = "Delete older savepoints in the folder of checkpoints too.")
                    boolean savepoints)
            throws IOException {
        JobOptions job = arguments.options();
        Configuration flink = FlinkFolder.configuration(Map.of());
        StateFolder folder = new StateFolder(FlinkFolder.checkpointDirectory(job, flink), job.name());
        List<String> superfluous = known(job, folder, flink).superfluous(folder, savepoints);
        PrintWriter out = spec.commandLine().getOut();
        for (String path : superfluous) {
            if (!dryRun) {
                folder.delete(path);
            }
            out.println((dryRun ? "would delete  " : "deleted  ") + path);
        }
        out.println(superfluous.isEmpty() ? "There is nothing to delete." : superfluous.size() + " in all");
        out.flush();
        return 0;
    }

    private static String line(SavedState state) {
        String owner = state.summary().lineage().job();
        return state.location() + ": " + (owner.isEmpty() ? "" : "job " + owner + ", ") + state.contents();
    }

    private static KnownStates known(JobOptions job) throws IOException {
        Configuration flink = FlinkFolder.configuration(Map.of());
        StateFolder folder = new StateFolder(FlinkFolder.checkpointDirectory(job, flink), job.name());
        return known(job, folder, flink);
    }

    private static KnownStates known(JobOptions job, StateFolder folder, Configuration flink) throws IOException {
        return KnownStates.find(
                folder,
                job.name(),
                job.learn().model(),
                job.kafka().topic(job.kafka().images()),
                flink.getOptional(CheckpointingOptions.SAVEPOINT_DIRECTORY)
                        .map(List::of)
                        .orElse(List.of()));
    }
}
