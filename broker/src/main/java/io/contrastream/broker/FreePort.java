package io.contrastream.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that start later, or again. A port that the system picks (port 0) is one of those that it also gives to clients'
 * connections, so a client can have it by the time that the server starts; these are below all that Linux gives to them.
 */
public final class FreePort {

    private static final int LEAST = 10_240;
    /** From here on Linux gives ports to clients, unless told otherwise. */
    private static final int BEYOND = 32_768;

    private static final int ATTEMPTS = 200;

    private FreePort() {}

    /**
     * A port of the loopback interface on which nobody listens.
     *
     * @throws IOException if none was found
     */
    public static int find() throws IOException {
        for (int attempt = 1; ; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LEAST, BEYOND);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw new IOException("none of " + ATTEMPTS + " ports from " + LEAST + " on is free", e);
                }
            }
        }
    }
}
