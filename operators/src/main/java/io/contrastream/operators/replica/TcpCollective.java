package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.ReplicaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Learners that are connected by TCP, each with replica 0, and in a {@link Ring} once there is much to add. What is less, or of fewer
 * learners, replica 0 adds up and sends back, in the order of the replicas: two ways instead of all around. It is connected later than it
 * is made: replica 0 listens, tells the others where in whichever way, and accepts them; they connect.
 *
 * <p>Every wait for another one ends within a time limit, with an exception that names it, or when the thread is interrupted. One thread
 * uses it.
 */
public final class TcpCollective implements Collective {

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int HEADER_BYTES = 2 * Integer.BYTES;
    private static final int GREETING_BYTES = Long.BYTES + 2 * Integer.BYTES;
    /** From there on a sum goes around the ring. */
    static final int RING_BYTES = 1 << 16;

    /** Time for a connection to say who it is. */
    private static final Duration GREETING_LIMIT = Duration.ofSeconds(5);

    private final int replica;
    private final int replicas;
    private final Duration limit;
    private final Duration joinLimit;
    /** Of replica 0: those of the others, by their number less 1; of another: that of replica 0. */
    private final Peer[] peers;

    private final ByteBuffer staged =
            ByteBuffer.allocateDirect(CHUNK_BYTES + HEADER_BYTES).order(ByteOrder.nativeOrder());
    private final float[] sum = new float[CHUNK_BYTES / Float.BYTES];
    private final float[] part = new float[CHUNK_BYTES / Float.BYTES];
    private final Selector selector;
    private ServerSocketChannel server;
    /** Where the next learners of the ring listen, by their number less 1; of replica 0. */
    private final int[] ports;

    private long token;
    private Ring ring;
    private Peer previous;
    private Peer next;
    private long bytes;
    private long nanos;
    private int sums;

    /**
     * One that is not connected yet.
     *
     * @param limit longest wait for another one
     * @param joinLimit longest wait of replica 0 for all to connect, who may be starting still
     */
    TcpCollective(int replica, int replicas, Duration limit, Duration joinLimit) {
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

    /** That of a replica under some options, not connected yet. */
    public TcpCollective(int replica, ReplicaOptions options) {
        this(replica, options.count(), options.timeout(), options.joinTimeout());
    }

    @Override
    public int replica() {
        return replica;
    }

    @Override
    public int replicas() {
        return replicas;
    }

    /**
     * Begins to listen.
     *
     * @param address of this machine, as the others reach it
     * @return the port
     * @throws ReplicaException if that cannot be listened at
     */
    public int listen(InetAddress address) {
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
    public void accept(long secret) {
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

    private String name(int other) {
        return "replica " + other + " of " + replicas;
    }

    /**
     * Connects to replica 0, as another one.
     *
     * @throws ReplicaException if it cannot be reached
     */
    public void connect(String host, int port, long secret) {
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

    /** Connects each with the next one, when all have come to their first large sum. */
    private Ring ring() {
        if (ring == null) {
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
            ring = new Ring(
                    replica,
                    replicas,
                    previous == null ? peers[peers.length - 1] : previous,
                    next == null ? peers[0] : next,
                    CHUNK_BYTES);
        }
        return ring;
    }

    @Override
    public void sum(ByteBuffer floats, int among) {
        if (among == 1) {
            return;
        }
        long start = System.nanoTime();
        sums++;
        if (among == replicas && floats.remaining() >= RING_BYTES) {
            ring().sum(floats);
        } else {
            star(floats, among);
        }
        nanos += System.nanoTime() - start;
    }

    private void star(ByteBuffer floats, int among) {
        ByteBuffer values = floats.duplicate().order(ByteOrder.nativeOrder());
        while (values.hasRemaining()) {
            ByteBuffer chunk = values.slice().order(ByteOrder.nativeOrder());
            chunk.limit(Math.min(CHUNK_BYTES, chunk.limit()));
            values.position(values.position() + chunk.limit());
            if (replica == 0) {
                collect(chunk, among);
            } else {
                contribute(chunk, among);
            }
            bytes += 2L * chunk.limit() * (replica == 0 ? among - 1 : 1);
        }
    }

    private void contribute(ByteBuffer chunk, int among) {
        staged.clear()
                .putInt(among)
                .putInt(chunk.limit())
                .put(chunk.duplicate())
                .flip();
        peers[0].write(staged);
        peers[0].read(chunk);
    }

    private void collect(ByteBuffer chunk, int among) {
        int count = chunk.limit() / Float.BYTES;
        FloatBuffer own = chunk.asFloatBuffer();
        own.duplicate().get(sum, 0, count);
        for (int other = 1; other < among; other++) {
            staged.clear().limit(HEADER_BYTES);
            peers[other - 1].read(staged);
            staged.flip();
            int itsAmong = staged.getInt();
            int itsBytes = staged.getInt();
            if (itsAmong != among || itsBytes != chunk.limit()) {
                throw new ReplicaException(name(other) + " is out of step: it adds " + itsBytes + " bytes of "
                        + itsAmong + " replicas, where replica 0 adds " + chunk.limit() + " of " + among);
            }
            staged.clear().limit(chunk.limit());
            peers[other - 1].read(staged);
            staged.flip();
            staged.asFloatBuffer().get(part, 0, count);
            for (int i = 0; i < count; i++) {
                sum[i] += part[i];
            }
        }
        own.put(sum, 0, count);
        for (int other = 1; other < among; other++) {
            peers[other - 1].write(chunk.duplicate());
        }
    }

    /** Sends bytes to all others, as replica 0. */
    public void send(byte[] message) {
        for (Peer peer : peers) {
            peer.write(ByteBuffer.allocate(Integer.BYTES).putInt(message.length).flip());
            for (int from = 0; from < message.length; from += CHUNK_BYTES) {
                peer.write(ByteBuffer.wrap(message, from, Math.min(CHUNK_BYTES, message.length - from)));
            }
        }
    }

    /** Receives what replica 0 sends, as another one. */
    public byte[] receive() {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        peers[0].read(length);
        byte[] message = new byte[length.flip().getInt()];
        for (int from = 0; from < message.length; from += CHUNK_BYTES) {
            peers[0].read(ByteBuffer.wrap(message, from, Math.min(CHUNK_BYTES, message.length - from)));
        }
        return message;
    }

    /** Bytes of all sums so far that this one has sent and received. */
    public long bytes() {
        return bytes + (ring == null ? 0 : 2 * ring.bytes());
    }

    /** Time in sums so far, waits for the others included. */
    public Duration time() {
        return Duration.ofNanos(nanos);
    }

    /** The same in nanoseconds. */
    long nanos() {
        return nanos;
    }

    /** Number of sums so far. */
    public int sums() {
        return sums;
    }

    @Override
    public void close() {
        try {
            if (server != null) {
                server.close();
            }
            for (Peer peer : peers) {
                close(peer);
            }
            close(previous);
            close(next);
            selector.close();
        } catch (IOException e) {
            throw new ReplicaException("a connection between learners cannot be closed: " + e.getMessage(), e);
        }
    }

    private static void close(Peer peer) throws IOException {
        if (peer != null) {
            peer.close();
        }
    }
}
