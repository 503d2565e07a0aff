package io.contrastream.testing;

import io.contrastream.broker.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/**
 * A Flink session cluster as the folder's scripts start it: a JobManager and named TaskManagers, each a process of its own. One
 * that was killed starts again at the same address.
 */
public final class FlinkCluster implements AutoCloseable {

    private static final Pattern SUBMITTED = Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");

    /** Keeps logging to the end, so that an error while a process ends is in its log too. */
    private static final String LOGGING_TO_THE_END = "-Dlog4j.shutdownHookEnabled=false";

    private final Path logs;
    private final Map<String, String> environment;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final int restPort = FreePort.find();
    private final FlinkRest rest = new FlinkRest(restPort);
    private final Map<String, ChildProcess> taskManagers = new LinkedHashMap<>();
    private final Path working;
    private ChildProcess jobManager;

    /**
     * Has nothing running yet.
     *
     * @param logs folder for the output and the log files of its processes
     * @param engine that all of them are started with
     * @param settings of Flink beside those of {@code conf/config.yaml}, each {@code key=value}
     */
    public FlinkCluster(Path logs, String engine, String... settings) throws IOException {
        this.logs = logs;
        this.environment = Map.of("CONTRASTREAM_ENGINE", engine);
        this.settings.put("rest.port", Integer.toString(restPort));
        this.settings.put("jobmanager.rpc.port", Integer.toString(FreePort.find()));
        this.settings.put("env.java.opts.jobmanager", LOGGING_TO_THE_END + " " + ChildProcess.BRIEF);
        // Elsewhere a TaskManager begins by hashing what killed ones of its name have left there, in whatever run.
        this.working = logs.resolve("working-" + restPort);
        this.settings.put("process.taskmanager.working-dir", working.toString());
        this.settings.put(
                "env.java.opts.taskmanager",
                "-Djava.awt.headless=true " + LOGGING_TO_THE_END + " " + ChildProcess.BRIEF);
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            this.settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
    }

    private List<String> settings() {
        List<String> arguments = new ArrayList<>();
        settings.forEach((key, value) -> arguments.addAll(List.of("-D", key + "=" + value)));
        return arguments;
    }

    public void startJobManager() throws IOException {
        jobManager = Script.start(logs, environment, "jobmanager.sh", settings().toArray(String[]::new));
    }

    /**
     * Starts, in the place of a JobManager, one that runs one job and nothing else, as Flink does on Kubernetes.
     *
     * @param entryPoint class that does it, with a main method that takes Flink's settings, {@code --}, the folder of the job's jar and the job's arguments
     * @param classPath where it is, beside what a JobManager has
     */
    public void startApplication(String entryPoint, Path classPath, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "@" + Folder.HOME.resolve("conf/jvm.options"),
                LOGGING_TO_THE_END,
                ChildProcess.BRIEF,
                "-Dlog.file=" + logs.resolve("application.log"),
                "-Dlog4j.configurationFile=file:" + Folder.HOME.resolve("conf/log4j.properties"),
                "-cp",
                Folder.HOME + "/lib/*:" + Folder.HOME + "/engines/" + environment.get("CONTRASTREAM_ENGINE") + "/*:"
                        + classPath,
                entryPoint));
        command.addAll(settings());
        command.addAll(List.of("--", Folder.JOB_JAR.getParent().toString()));
        command.addAll(arguments);
        jobManager = ChildProcess.start(
                "application",
                logs,
                Map.of(
                        "FLINK_CONF_DIR", Folder.HOME.resolve("conf").toString(),
                        "FLINK_PLUGINS_DIR", Folder.HOME.resolve("plugins").toString()),
                command);
    }

    /** @param name its id in Flink */
    public void startTaskManager(String name) throws IOException {
        List<String> all = settings();
        all.addAll(List.of("-D", "taskmanager.resource-id=" + name));
        taskManagers.put(name, Script.start(logs, environment, "taskmanager.sh", all.toArray(String[]::new)));
    }

    /** Returns when the JobManager answers and knows all TaskManagers that run. */
    public void awaitReady() throws Exception {
        Await.until("the JobManager knows " + taskManagers.keySet(), () -> {
            for (ChildProcess process : processes()) {
                if (!process.isAlive()) {
                    throw new AssertionError(process + " has ended: " + process.output());
                }
            }
            return rest.answers() && rest.taskManagers().equals(taskManagers.keySet());
        });
    }

    /** Port of the JobManager for clients. */
    public int restPort() {
        return restPort;
    }

    public FlinkRest rest() {
        return rest;
    }

    public ChildProcess jobManager() {
        return jobManager;
    }

    public ChildProcess taskManager(String name) {
        return taskManagers.get(name);
    }

    /** Ends the JobManager as {@code kill -9} does. */
    public void killJobManager() {
        jobManager.kill();
    }

    /** Ends a TaskManager as {@code kill -9} does. */
    public void killTaskManager(String name) {
        taskManagers.remove(name).kill();
    }

    /** Ends a TaskManager kindly. */
    public void stopTaskManager(String name) {
        taskManagers.remove(name).close();
    }

    /**
     * Submits the learning job with {@code submit.sh}, from its newest state if it has one.
     *
     * @param checkpoints folder of the job's checkpoints
     * @param options of the job, {@code --key value}, and what it is to start from
     * @return id of the job
     */
    public String submit(Path checkpoints, List<String> options) throws Exception {
        return submitted(run(0, "submit.sh", checkpoints, options));
    }

    /** Id of the job that {@code submit.sh} has submitted. */
    public static String submitted(String output) {
        Matcher submitted = SUBMITTED.matcher(output);
        if (!submitted.find()) {
            throw new AssertionError("submit.sh has submitted nothing: " + output);
        }
        return submitted.group(1);
    }

    /**
     * Runs {@code submit.sh} or {@code stop.sh}.
     *
     * @param status that it should end with
     * @return what it printed
     */
    public String run(int status, String script, Path checkpoints, List<String> options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--jobmanager",
                "localhost:" + restPort,
                "--job.checkpoint-directory",
                checkpoints.toUri().toString()));
        arguments.addAll(options);
        return Script.run(status, Await.PATIENCE, logs, script, arguments.toArray(String[]::new));
    }

    private List<ChildProcess> processes() {
        return Stream.concat(Stream.of(jobManager), taskManagers.values().stream())
                .toList();
    }

    @Override
    public void close() {
        taskManagers.values().forEach(ChildProcess::close);
        if (jobManager != null) {
            jobManager.close();
        }
        FileUtils.deleteDirectoryQuietly(working.toFile());
    }
}
