package io.contrastream.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A Kafka of one node that is broker and controller in one (KRaft), on the loopback interface only: how it is configured, and its
 * empty log.
 *
 * @param folder of its log
 * @param port for clients
 * @param controllerPort on which it speaks with itself
 */
public record SingleNode(Path folder, int port, int controllerPort) {

    private static final int NODE = 1;
    private static final String HOST = "127.0.0.1";

    /** On two ports that are free now. */
    public static SingleNode onFreePorts(Path folder) throws IOException {
        int port = FreePort.find();
        int controllerPort = FreePort.find();
        while (controllerPort == port) {
            controllerPort = FreePort.find();
        }
        return new SingleNode(folder, port, controllerPort);
    }

    /** Its address for clients, as {@code host:port}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /**
     * Its configuration.
     *
     * @param settings more broker settings, which win over the ones chosen here
     */
    public Map<String, String> properties(Map<String, String> settings) {
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
        // 128 MB and 10 MB a segment by default: too much for a guest on somebody else's machine.
        properties.put("log.cleaner.dedupe.buffer.size", "4194304");
        properties.put("log.index.size.max.bytes", "1048576");
        properties.putAll(settings);
        return properties;
    }

    /** Makes the folder one that the node can start from, without which it refuses to. */
    public void format() throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(NODE)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(folder.toString())
                .addDirectory(folder.toString())
                .run();
    }
}
