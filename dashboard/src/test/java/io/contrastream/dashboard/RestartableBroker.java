package io.contrastream.dashboard;

import io.contrastream.broker.SingleNode;
import java.nio.file.Path;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/** A Kafka of one node in this process, which can be stopped and started again with what it had. */
final class RestartableBroker implements AutoCloseable {

    private final SingleNode node;
    private KafkaRaftServer server;

    RestartableBroker(Path folder) throws Exception {
        node = SingleNode.onFreePorts(folder);
        node.format();
        start();
    }

    void start() {
        server = new KafkaRaftServer(new KafkaConfig(node.properties(Map.of()), false), Time.SYSTEM);
        server.startup();
    }

    void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    String bootstrapServers() {
        return node.bootstrapServers();
    }

    @Override
    public void close() {
        stop();
    }
}
