package io.contrastream.reliability;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.client.deployment.application.ApplicationClusterEntryPoint;
import org.apache.flink.client.program.DefaultPackagedProgramRetriever;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.entrypoint.ClusterEntrypoint;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;

/**
 * A JobManager in Flink's application mode, which runs the job's main method itself: what Flink's images do on Kubernetes, by
 * classes of jars that the folder does not have.
 */
@SuppressWarnings("try") // close() of the base
public final class ApplicationProcess extends ApplicationClusterEntryPoint {

    private ApplicationProcess(Configuration configuration, PackagedProgram program) {
        super(configuration, program, StandaloneResourceManagerFactory.getInstance());
    }

    /** @param arguments {@code -D key=value} of Flink, {@code --}, the folder of the job's jar, and the job's arguments */
    public static void main(String[] arguments) throws Exception {
        List<String> all = Arrays.asList(arguments);
        int end = all.indexOf("--");
        Configuration settings = new Configuration();
        for (String setting : new ArrayList<>(all.subList(0, end))) {
            int equals = setting.indexOf('=');
            if (equals > 0) {
                settings.setString(setting.substring(0, equals), setting.substring(equals + 1));
            }
        }
        Configuration configuration = GlobalConfiguration.loadConfiguration(settings);
        PackagedProgram program = DefaultPackagedProgramRetriever.create(
                        new File(all.get(end + 1)),
                        "io.contrastream.jobs.learning.LearningJob",
                        all.subList(end + 2, all.size()).toArray(String[]::new),
                        configuration)
                .getPackagedProgram();
        configureExecution(configuration, program);
        ClusterEntrypoint.runClusterEntrypoint(new ApplicationProcess(configuration, program));
    }
}
