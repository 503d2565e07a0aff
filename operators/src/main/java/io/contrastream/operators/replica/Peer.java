package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.ReplicaException;
import java.io.Closeable;
import java.io.IOException;
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
    private final Selector selector;
    private final SelectionKey key;
    private final Duration limit;
    private String name;

    /** @param name of the learner at the other end, for messages */
    Peer(SocketChannel channel, String name, Duration limit) throws IOException {
        this.channel = channel;
        this.name = name;
        this.limit = limit;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.selector = Selector.open();
        this.key = channel.register(selector, 0);
    }

    /** It is known by then who is at the other end. */
    void rename(String newName) {
        name = newName;
    }

    /** Fills the buffer. */
    void read(ByteBuffer buffer) {
        read(buffer, limit);
    }

    /** Fills the buffer within a time. */
    void read(ByteBuffer buffer, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        try {
            while (buffer.hasRemaining()) {
                int count = channel.read(buffer);
                if (count < 0) {
                    throw left(null);
                }
                if (count == 0) {
                    await(SelectionKey.OP_READ, deadline, within);
                }
            }
        } catch (IOException e) {
            throw left(e);
        }
    }

    /** Sends what the buffer has left. */
    void write(ByteBuffer buffer) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (buffer.hasRemaining()) {
                if (channel.write(buffer) == 0) {
                    await(SelectionKey.OP_WRITE, deadline, limit);
                }
            }
        } catch (IOException e) {
            throw left(e);
        }
    }

    private void await(int operation, long deadline, Duration within) throws IOException {
        long leftNanos = deadline - System.nanoTime();
        if (leftNanos <= 0) {
            throw new ReplicaException(name + " has not answered within " + within.toMillis()
                    + " ms (learner.replica-timeout): it hangs, or its machine cannot be reached");
        }
        key.interestOps(operation);
        selector.select(Math.max(1, leftNanos / 1_000_000));
        selector.selectedKeys().clear();
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
        selector.close();
        channel.close();
    }
}
