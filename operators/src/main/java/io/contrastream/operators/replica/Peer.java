package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.ReplicaException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** The connection to another learner. Every wait has an end: a time limit, or the interruption of the thread. */
final class Peer implements Closeable {

    /** Time for Flink to end this task because of what has ended the other one, which is the better reason to show. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Duration limit;
    private String name;

    /**
     * The connection that a channel is.
     *
     * @param name of the learner at the other end, for messages
     * @param selector with which all connections of this learner wait
     */
    Peer(SocketChannel channel, Selector selector, String name, Duration limit) throws IOException {
        this.channel = channel;
        this.name = name;
        this.limit = limit;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.key = channel.register(selector, 0);
    }

    /** It is known by then who is at the other end. */
    void rename(String newName) {
        name = newName;
    }

    String name() {
        return name;
    }

    /** Address of the machine at the other end. */
    InetAddress address() {
        return channel.socket().getInetAddress();
    }

    /** Address of this machine as the other end knows it. */
    InetAddress ownAddress() {
        return channel.socket().getLocalAddress();
    }

    /** Sends what one buffer has left to one learner, and fills another one from another learner, or the same, meanwhile. */
    static void exchange(Peer to, ByteBuffer out, Peer from, ByteBuffer in) {
        long deadline = System.nanoTime() + from.limit.toNanos();
        while (out.hasRemaining() || in.hasRemaining()) {
            boolean moved = out.hasRemaining() && to.send(out);
            moved |= in.hasRemaining() && from.receive(in);
            if (!moved) {
                to.key.interestOps(out.hasRemaining() ? SelectionKey.OP_WRITE : 0);
                from.key.interestOpsOr(in.hasRemaining() ? SelectionKey.OP_READ : 0);
                (in.hasRemaining() ? from : to).awaitAny(deadline, from.limit);
                to.key.interestOps(0);
                from.key.interestOps(0);
            }
        }
    }

    /** Fills the buffer. */
    void read(ByteBuffer buffer) {
        read(buffer, limit);
    }

    /** Fills the buffer within a time. */
    void read(ByteBuffer buffer, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        while (buffer.hasRemaining()) {
            if (!receive(buffer)) {
                await(SelectionKey.OP_READ, deadline, within);
            }
        }
    }

    /** Sends what the buffer has left. */
    void write(ByteBuffer buffer) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (buffer.hasRemaining()) {
            if (!send(buffer)) {
                await(SelectionKey.OP_WRITE, deadline, limit);
            }
        }
    }

    /** Whether something came. */
    private boolean receive(ByteBuffer buffer) {
        try {
            int count = channel.read(buffer);
            if (count < 0) {
                throw left(null);
            }
            return count > 0;
        } catch (IOException e) {
            throw left(e);
        }
    }

    /** Whether something went. */
    private boolean send(ByteBuffer buffer) {
        try {
            return channel.write(buffer) > 0;
        } catch (IOException e) {
            throw left(e);
        }
    }

    private void await(int operation, long deadline, Duration within) {
        key.interestOps(operation);
        awaitAny(deadline, within);
        key.interestOps(0);
    }

    /** Waits until one of the operations can go on that keys of the selector are interested in. */
    private void awaitAny(long deadline, Duration within) {
        long leftNanos = deadline - System.nanoTime();
        if (leftNanos <= 0) {
            throw new ReplicaException(name + " has not answered within " + within.toMillis()
                    + " ms (learner.replica-timeout): it hangs, or its machine cannot be reached");
        }
        try {
            key.selector().select(Math.max(1, leftNanos / 1_000_000));
        } catch (IOException e) {
            throw left(e);
        }
        key.selector().selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new ReplicaException("the wait for " + name + " was interrupted");
        }
    }

    private ReplicaException left(IOException reason) {
        try {
            Thread.sleep(GRACE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new ReplicaException(
                name + " is lost: its process or its task has ended"
                        + (reason == null ? "" : " (" + reason.getMessage() + ")"),
                reason);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
