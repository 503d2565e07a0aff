package io.contrastream.jobs.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real single-node Kafka (KRaft: broker and controller in one) inside this process. It listens on free ports of the loopback
 * interface only, keeps its log in a temporary folder of its own, creates no topic by itself, and leaves nothing behind when it
 * is closed.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {

    private static final int NODE = 1;
    private static final String HOST = "127.0.0.1";
    /** Between choosing a free port and listening on it somebody else may take it. */
    private static final int ATTEMPTS = 5;

    private final KafkaRaftServer server;
    private final Path folder;
    private final int port;
    private boolean closed;

    private EmbeddedBroker(KafkaRaftServer server, Path folder, int port) {
        this.server = server;
        this.folder = folder;
        this.port = port;
    }

    /** Starts a broker with default settings; see {@link #start(Map)}. */
    public static EmbeddedBroker start() {
        return start(Map.of());
    }

    /**
     * Starts a broker and returns when it accepts clients.
     *
     * @param settings broker settings such as {@code message.max.bytes}, which win over the ones chosen here
     * @throws IllegalStateException if it does not start
     * @throws org.apache.kafka.common.config.ConfigException if a setting has a value that Kafka refuses
     */
    public static EmbeddedBroker start(Map<String, String> settings) {
        for (int attempt = 1; ; attempt++) {
            Path folder = temporaryFolder();
            KafkaRaftServer server = null;
            try {
                int[] ports = freePorts();
                KafkaConfig config = new KafkaConfig(properties(folder, ports[0], ports[1], settings), false);
                format(folder);
                server = new KafkaRaftServer(config, Time.SYSTEM);
                server.startup();
                return new EmbeddedBroker(server, folder, ports[0]);
            } catch (Exception e) {
                if (server != null) {
                    server.shutdown();
                }
                delete(folder);
                if (e instanceof RuntimeException invalid && !portTaken(e)) {
                    throw invalid;
                }
                if (attempt == ATTEMPTS || !portTaken(e)) {
                    throw new IllegalStateException("the embedded Kafka broker does not start: " + e.getMessage(), e);
                }
            }
        }
    }

    /** Address of the broker, as {@code host:port}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Stops the broker and deletes its folder. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.shutdown();
        server.awaitShutdown();
        delete(folder);
    }

    private static Map<String, String> properties(
            Path folder, int port, int controllerPort, Map<String, String> settings) {
        Map<String, String> properties = new HashMap<>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(NODE));
        properties.put(
                "listeners", "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("controller.quorum.voters", NODE + "@" + HOST + ":" + controllerPort);
        properties.put("log.dirs", folder.toString());
        properties.put("auto.create.topics.enable", "false");
        // One node: internal topics cannot have the three replicas that they have by default, and need few partitions.
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(topic + ".replication.factor", "1");
            properties.put(topic + ".num.partitions", "2");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        // Nobody takes over from a single node, so there is nothing to wait for when it stops.
        properties.put("controlled.shutdown.enable", "false");
        // 128 MB and 10 MB a segment by default: too much for a guest in somebody else's process.
        properties.put("log.cleaner.dedupe.buffer.size", "4194304");
        properties.put("log.index.size.max.bytes", "1048576");
        properties.putAll(settings);
        return properties;
    }

    private static void format(Path folder) throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(NODE)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(folder.toString())
                .addDirectory(folder.toString())
                .run();
    }

    private static int[] freePorts() throws IOException {
        InetAddress host = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try (ServerSocket first = new ServerSocket(0, 1, host);
                ServerSocket second = new ServerSocket(0, 1, host)) {
            return new int[] {first.getLocalPort(), second.getLocalPort()};
        }
    }

    private static boolean portTaken(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory(
                    "contrastream-broker-" + ProcessHandle.current().pid() + "-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the embedded broker", e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the embedded broker's folder " + folder, e);
        }
    }
}
