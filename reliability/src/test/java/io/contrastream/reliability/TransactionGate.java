package io.contrastream.reliability;

import io.contrastream.broker.FreePort;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a broker and its clients, and lets everything through but, while it is shut, the ends of transactions. */
final class TransactionGate implements AutoCloseable {

    private static final short END_OF_TRANSACTION = 26;

    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private int brokerPort;
    private volatile boolean shut;
    private volatile boolean held;

    TransactionGate() throws IOException {
        server = new ServerSocket(FreePort.find(), 50, InetAddress.getLoopbackAddress());
    }

    /** The address that the broker is to tell its clients. */
    String address() {
        return server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
    }

    /** Begins to let through. */
    void open(String broker) {
        brokerPort = Integer.parseInt(broker.substring(broker.lastIndexOf(':') + 1));
        daemon(this::accept);
    }

    /** @param now whether ends of transactions are swallowed from now on */
    void shut(boolean now) {
        shut = now;
    }

    /** Whether one has been swallowed. */
    boolean hasHeld() {
        return held;
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            Socket broker = new Socket(server.getInetAddress(), brokerPort);
            sockets.addAll(List.of(client, broker));
            daemon(() -> requests(client, broker));
            daemon(() -> {
                broker.getInputStream().transferTo(client.getOutputStream());
                client.close();
            });
        }
    }

    private void requests(Socket client, Socket broker) throws IOException {
        try (broker;
                DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
                DataOutputStream out = new DataOutputStream(broker.getOutputStream())) {
            while (true) {
                byte[] request = new byte[Integer.BYTES + in.readInt()];
                ByteBuffer.wrap(request).putInt(request.length - Integer.BYTES);
                in.readFully(request, Integer.BYTES, request.length - Integer.BYTES);
                if (shut && ByteBuffer.wrap(request).getShort(Integer.BYTES) == END_OF_TRANSACTION) {
                    held = true;
                } else {
                    out.write(request);
                }
            }
        }
    }

    private static void daemon(Passing work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.pass();
                    } catch (IOException ended) {
                        // One of the two has closed the connection, or the test is over.
                    }
                },
                "transaction gate");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Passing {
        void pass() throws IOException;
    }
}
