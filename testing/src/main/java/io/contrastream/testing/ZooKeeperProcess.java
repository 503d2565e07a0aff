package io.contrastream.testing;

import io.contrastream.broker.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A ZooKeeper of one server, from the jar that Flink brings for its clients, in a process of its own. */
public final class ZooKeeperProcess implements AutoCloseable {

    private static final String MAIN =
            "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain";

    private final int port = FreePort.find();
    private final ChildProcess process;

    /**
     * Starts one and returns when it accepts clients.
     *
     * @param folder for its data
     * @param logs folder for its output
     */
    public ZooKeeperProcess(Path folder, Path logs) throws Exception {
        Path configuration = Files.createDirectories(folder).resolve("zookeeper.properties");
        Files.writeString(configuration, """
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                admin.enableServer=false
                tickTime=500
                """.formatted(folder.resolve("data"), port));
        process = ChildProcess.start(
                "zookeeper",
                logs,
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx128m",
                        ChildProcess.BRIEF,
                        "-Dlog.file=" + logs.resolve("zookeeper.log"),
                        "-Dlog4j.configurationFile=file:" + Folder.HOME.resolve("conf/log4j.properties"),
                        "-cp",
                        Folder.HOME + "/lib/*",
                        MAIN,
                        configuration.toString()));
        try {
            Await.until("ZooKeeper accepts clients", () -> {
                if (!process.isAlive()) {
                    throw new AssertionError(process + " has ended: " + process.output());
                }
                return accepts();
            });
        } catch (Exception | AssertionError e) {
            process.close();
            throw e;
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Address of the server, as {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.close();
    }
}
