package io.contrastream.cli;

import io.contrastream.jobs.learning.JobOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of a job: of the commands that run, stop or look for one. */
final class JobArguments {

    @Option(names = "--config", paramLabel = "FILE", description = "YAML file of the job's options.")
    private String config;

    /** Those that the command does not know. */
    @Parameters(hidden = true)
    private final List<String> options = new ArrayList<>();

    /** @throws io.contrastream.jobs.option.InvalidOptionsException listing every problem that was found, if there is one */
    JobOptions options() {
        return JobOptions.parse(texts());
    }

    /** All that was given, for those who parse it. */
    String[] texts() {
        List<String> arguments = new ArrayList<>(options);
        if (config != null) {
            arguments.add("--config");
            arguments.add(config);
        }
        return arguments.toArray(String[]::new);
    }
}
