package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.ReplicaException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How learners come to be connected by TCP: replica 0 listens, tells the others where in whichever way, and accepts those that have the
 * token; the others connect. For a ring, each connects to the next one later on, of which replica 0 tells it.
 */
final class Meeting implements Closeable {

    private static final int GREETING_BYTES = Long.BYTES + 2 * Integer.BYTES;

    /** Time for a connection to say who it is. */
    private static final Duration GREETING_LIMIT = Duration.ofSeconds(5);

    private final int replica;
    private final int replicas;
    private final Duration limit;
    private final Duration joinLimit;
    private final Selector selector;
    /** Of replica 0: those of the others, by their number less 1; of another: that of replica 0. */
    private final Peer[] peers;
    /** Where the next learners of the ring listen, by their number less 1; of replica 0. */
    private final int[] ports;

    private ServerSocketChannel server;
    private long token;
    private Peer previous;
    private Peer next;

    /**
     * One that nobody has come to yet.
     *
     * @param limit longest wait for another one
     * @param joinLimit longest wait of replica 0 for all to connect, who may be starting still
     */
    Meeting(int replica, int replicas, Duration limit, Duration joinLimit) {
        this.replica = replica;
        this.replicas = replicas;
        this.limit = limit;
        this.joinLimit = joinLimit;
        this.peers = new Peer[replica == 0 ? replicas - 1 : 1];
        this.ports = new int[peers.length];
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new ReplicaException(name(replica) + " cannot wait for others: " + e.getMessage(), e);
        }
    }

    /**
     * Begins to listen.
     *
     * @param address of this machine, as the others reach it
     * @return the port
     * @throws ReplicaException if that cannot be listened at
     */
    int listen(InetAddress address) {
        try {
            server = ServerSocketChannel.open();
            server.bind(new InetSocketAddress(address, 0));
            return ((InetSocketAddress) server.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new ReplicaException(name(replica) + " cannot listen at " + address + ": " + e.getMessage(), e);
        }
    }

    /**
     * Waits for all others, as replica 0, and listens no more. Who does not have the token is turned away.
     *
     * @throws ReplicaException naming those that have not come in time
     */
    void accept(long secret) {
        token = secret;
        accept(joinLimit, () -> missing() == 0, this::absent);
    }

    private void accept(Duration patience, BooleanSupplier complete, Supplier<String> absent) {
        long deadline = System.nanoTime() + patience.toNanos();
        try (Selector arrivals = Selector.open()) {
            server.configureBlocking(false);
            server.register(arrivals, SelectionKey.OP_ACCEPT);
            while (!complete.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || Thread.currentThread().isInterrupted()) {
                    throw new ReplicaException(absent.get() + " not joined within " + patience.toMillis() + " ms");
                }
                arrivals.select(left);
                arrivals.selectedKeys().clear();
                SocketChannel channel = server.accept();
                if (channel != null) {
                    greet(new Peer(channel, selector, "a learner that joins", limit));
                }
            }
            server.close();
        } catch (IOException e) {
            throw new ReplicaException(name(replica) + " cannot wait for others: " + e.getMessage(), e);
        }
    }

    private int missing() {
        int missing = 0;
        for (Peer peer : peers) {
            missing += peer == null ? 1 : 0;
        }
        return missing;
    }

    private String absent() {
        StringBuilder names = new StringBuilder();
        int count = 0;
        for (int i = 0; i < peers.length; i++) {
            if (peers[i] == null) {
                names.append(count++ == 0 ? "" : ", ").append(i + 1);
            }
        }
        return (count == 1 ? "replica " : "replicas ") + names + " of " + replicas + (count == 1 ? " has" : " have");
    }

    private void greet(Peer peer) throws IOException {
        ByteBuffer greeting = ByteBuffer.allocate(GREETING_BYTES);
        int number;
        try {
            peer.read(greeting, GREETING_LIMIT);
            greeting.flip();
            number = greeting.getLong() == token ? greeting.getInt() : -1;
        } catch (ReplicaException e) {
            number = -1; // It has not said who it is.
        }
        if (replica == 0 && number >= 1 && number < replicas && peers[number - 1] == null) {
            peers[number - 1] = peer;
            ports[number - 1] = greeting.getInt();
        } else if (replica > 0 && number == replica - 1 && previous == null) {
            previous = peer;
        } else {
            peer.close();
            return;
        }
        peer.rename(name(number));
    }

    /** Name of a replica in messages. */
    String name(int other) {
        return "replica " + other + " of " + replicas;
    }

    /**
     * Connects to replica 0, as another one.
     *
     * @throws ReplicaException if it cannot be reached
     */
    void connect(String host, int port, long secret) {
        token = secret;
        peers[0] = connected(0, new InetSocketAddress(host, port));
        // Where the one before listens to, in the ring; the first one is connected already.
        greet(peers[0], replica == 1 ? 0 : listen(peers[0].ownAddress()));
    }

    private Peer connected(int other, InetSocketAddress address) {
        try {
            SocketChannel channel = SocketChannel.open();
            channel.socket().connect(address, Math.toIntExact(limit.toMillis()));
            return new Peer(channel, selector, name(other), limit);
        } catch (IOException e) {
            throw new ReplicaException(
                    name(other) + " cannot be reached from " + name(replica) + " at " + address.getHostString() + ":"
                            + address.getPort() + ": " + e.getMessage(),
                    e);
        }
    }

    private void greet(Peer peer, int port) {
        peer.write(ByteBuffer.allocate(GREETING_BYTES)
                .putLong(token)
                .putInt(replica)
                .putInt(port)
                .flip());
    }

    /** The connection to replica 0, of another one. */
    Peer first() {
        return peers[0];
    }

    /** The connection to another one, of replica 0. */
    Peer other(int number) {
        return peers[number - 1];
    }

    /** The connections to all others in their order, of replica 0. */
    List<Peer> others() {
        return List.of(peers);
    }

    /**
     * Connects each with the next one, when all have come to their first large sum.
     *
     * @param pieceBytes most that is added at once
     */
    Ring ring(int pieceBytes) {
        if (replica == 0) {
            for (int other = 1; other < replicas - 1; other++) {
                peers[other - 1].write(Address.bytes(new InetSocketAddress(peers[other].address(), ports[other])));
            }
        }
        if (replica > 0 && replica < replicas - 1) {
            ByteBuffer address = ByteBuffer.allocate(Address.BYTES);
            peers[0].read(address);
            next = connected(replica + 1, Address.of(address.flip()));
            greet(next, 0);
        }
        if (replica > 1) {
            accept(limit, () -> previous != null, () -> name(replica - 1) + " has");
        }
        return new Ring(
                replica,
                replicas,
                previous == null ? peers[peers.length - 1] : previous,
                next == null ? peers[0] : next,
                pieceBytes);
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.close();
        }
        for (Peer peer : peers) {
            close(peer);
        }
        close(previous);
        close(next);
        selector.close();
    }

    private static void close(Peer peer) throws IOException {
        if (peer != null) {
            peer.close();
        }
    }
}
