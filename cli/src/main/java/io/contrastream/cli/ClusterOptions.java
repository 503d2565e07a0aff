package io.contrastream.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which Flink cluster is meant: options of the commands that talk to one. */
final class ClusterOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-m", "--jobmanager"},
            paramLabel = "HOST:PORT",
            description = "REST interface of the JobManager. Default: rest.address and rest.port of conf/config.yaml.")
    private String jobManager;

    @Option(names = "-D", paramLabel = "KEY=VALUE", description = "Setting of Flink; wins over conf/config.yaml.")
    private final Map<String, String> settings = new LinkedHashMap<>();

    /** Tells something at once, though more may take a while. */
    void say(String line) {
        PrintWriter out = command.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    /** Flink's configuration for a client of the cluster. */
    Configuration configuration() {
        Map<String, String> all = new LinkedHashMap<>(settings);
        if (jobManager != null) {
            int colon = jobManager.lastIndexOf(':');
            if (colon < 1 || !jobManager.substring(colon + 1).matches("\\d{1,5}")) {
                throw new ParameterException(
                        command.commandLine(), "--jobmanager is '" + jobManager + "', but must be HOST:PORT");
            }
            all.put(RestOptions.ADDRESS.key(), jobManager.substring(0, colon));
            all.put(RestOptions.PORT.key(), jobManager.substring(colon + 1));
        }
        return FlinkFolder.configuration(all);
    }
}
