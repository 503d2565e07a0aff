package io.contrastream.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * A real single-node Kafka (KRaft: broker and controller in one) inside this process. It listens on free ports of the loopback
 * interface only, keeps its log in a temporary folder of its own, creates no topic by itself, and leaves nothing behind when it
 * is closed.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {

    /** Between choosing a free port and listening on it somebody else may take it. */
    private static final int ATTEMPTS = 5;

    private final KafkaRaftServer server;
    private final SingleNode node;
    private boolean closed;

    private EmbeddedBroker(KafkaRaftServer server, SingleNode node) {
        this.server = server;
        this.node = node;
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
                SingleNode node = SingleNode.onFreePorts(folder);
                KafkaConfig config = new KafkaConfig(node.properties(settings), false);
                node.format();
                server = new KafkaRaftServer(config, Time.SYSTEM);
                server.startup();
                return new EmbeddedBroker(server, node);
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
        return node.bootstrapServers();
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
        delete(node.folder());
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
