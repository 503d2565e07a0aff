package io.contrastream.testing;

import io.contrastream.broker.SingleNode;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A Kafka of one node from the folder's jars, in a process of its own. When it has been killed it starts again with the same
 * address and the same log.
 */
public final class KafkaProcess implements AutoCloseable {

    /** The line that it logs when it accepts clients; its port is open before that. */
    private static final String STARTED = "Kafka Server started";

    private final SingleNode node;
    private final Path configuration;
    private final Path logs;
    private ChildProcess process;

    /**
     * Starts one and returns when it accepts clients.
     *
     * @param folder for its log
     * @param logs folder for its output
     * @param settings broker settings, such as {@code message.max.bytes}
     */
    public KafkaProcess(Path folder, Path logs, Map<String, String> settings) throws Exception {
        this.node = SingleNode.onFreePorts(Files.createDirectories(folder.resolve("kafka")));
        this.configuration = folder.resolve("kafka.properties");
        this.logs = logs;
        Properties properties = new Properties();
        properties.putAll(node.properties(settings));
        try (Writer writer = Files.newBufferedWriter(configuration)) {
            properties.store(writer, null);
        }
        node.format();
        start();
    }

    /** Address of the broker, as {@code host:port}. */
    public String bootstrapServers() {
        return node.bootstrapServers();
    }

    /** Creates topics. */
    public void create(TopicLayout layout) {
        try (Topics topics = new Topics(bootstrapServers(), Map.of())) {
            topics.create(layout);
        }
    }

    /** Ends it as {@code kill -9} does. */
    public void kill() {
        process.kill();
    }

    /** Starts it, at first or after it was killed, and returns when it accepts clients. */
    public void start() throws Exception {
        String classPath = Folder.HOME + "/lib/*:" + Folder.HOME + "/usrlib/*:" + Folder.HOME + "/opt/broker/*";
        process = ChildProcess.start(
                "kafka",
                logs,
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx512m",
                        ChildProcess.BRIEF,
                        "-Dlog.file=" + logs.resolve("kafka.log"),
                        "-Dlog4j.configurationFile=file:" + Folder.HOME.resolve("conf/log4j.properties"),
                        "-cp",
                        classPath,
                        "kafka.Kafka",
                        configuration.toString()));
        try {
            Await.until("Kafka accepts clients", () -> {
                if (!process.isAlive()) {
                    throw new AssertionError(process + " has ended: " + process.output());
                }
                return process.output().contains(STARTED);
            });
        } catch (Exception | AssertionError e) {
            process.close();
            throw e;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
