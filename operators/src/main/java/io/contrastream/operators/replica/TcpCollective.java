package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.ReplicaException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;

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
    /** From there on a sum goes around the ring. */
    static final int RING_BYTES = 1 << 16;

    private final int replica;
    private final int replicas;
    private final Meeting meeting;

    private final ByteBuffer staged =
            ByteBuffer.allocateDirect(CHUNK_BYTES + HEADER_BYTES).order(ByteOrder.nativeOrder());
    private final float[] sum = new float[CHUNK_BYTES / Float.BYTES];
    private final float[] part = new float[CHUNK_BYTES / Float.BYTES];
    private Ring ring;
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
        this.meeting = new Meeting(replica, replicas, limit, joinLimit);
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
        return meeting.listen(address);
    }

    /**
     * Waits for all others, as replica 0, and listens no more. Who does not have the token is turned away.
     *
     * @throws ReplicaException naming those that have not come in time
     */
    public void accept(long token) {
        meeting.accept(token);
    }

    /**
     * Connects to replica 0, as another one.
     *
     * @throws ReplicaException if it cannot be reached
     */
    public void connect(String host, int port, long token) {
        meeting.connect(host, port, token);
    }

    @Override
    public void sum(ByteBuffer floats, int among) {
        if (among == 1) {
            return;
        }
        long start = System.nanoTime();
        sums++;
        if (among == replicas && floats.remaining() >= RING_BYTES) {
            if (ring == null) {
                ring = meeting.ring(CHUNK_BYTES);
            }
            ring.sum(floats);
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
        meeting.first().write(staged);
        meeting.first().read(chunk);
    }

    private void collect(ByteBuffer chunk, int among) {
        int count = chunk.limit() / Float.BYTES;
        FloatBuffer own = chunk.asFloatBuffer();
        own.duplicate().get(sum, 0, count);
        for (int other = 1; other < among; other++) {
            staged.clear().limit(HEADER_BYTES);
            meeting.other(other).read(staged);
            staged.flip();
            int itsAmong = staged.getInt();
            int itsBytes = staged.getInt();
            if (itsAmong != among || itsBytes != chunk.limit()) {
                throw new ReplicaException(meeting.name(other) + " is out of step: it adds " + itsBytes + " bytes of "
                        + itsAmong + " replicas, where replica 0 adds " + chunk.limit() + " of " + among);
            }
            staged.clear().limit(chunk.limit());
            meeting.other(other).read(staged);
            staged.flip();
            staged.asFloatBuffer().get(part, 0, count);
            for (int i = 0; i < count; i++) {
                sum[i] += part[i];
            }
        }
        own.put(sum, 0, count);
        for (int other = 1; other < among; other++) {
            meeting.other(other).write(chunk.duplicate());
        }
    }

    /** Sends bytes to all others, as replica 0. */
    public void send(byte[] message) {
        for (Peer peer : meeting.others()) {
            peer.write(ByteBuffer.allocate(Integer.BYTES).putInt(message.length).flip());
            for (int from = 0; from < message.length; from += CHUNK_BYTES) {
                peer.write(ByteBuffer.wrap(message, from, Math.min(CHUNK_BYTES, message.length - from)));
            }
        }
    }

    /** Receives what replica 0 sends, as another one. */
    public byte[] receive() {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        meeting.first().read(length);
        byte[] message = new byte[length.flip().getInt()];
        for (int from = 0; from < message.length; from += CHUNK_BYTES) {
            meeting.first().read(ByteBuffer.wrap(message, from, Math.min(CHUNK_BYTES, message.length - from)));
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
            meeting.close();
        } catch (IOException e) {
            throw new ReplicaException("a connection between learners cannot be closed: " + e.getMessage(), e);
        }
    }
}
