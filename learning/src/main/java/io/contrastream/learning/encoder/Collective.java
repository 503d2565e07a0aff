package io.contrastream.learning.encoder;

import java.nio.ByteBuffer;

/**
 * Sums over all replicas of one encoder. Every replica calls the same methods in the same order, each
 * from the thread that owns its encoder.
 */
public interface Collective extends AutoCloseable {

    /** The number of this one, from 0. */
    int replica();

    /** How many there are, at least 1. */
    int replicas();

    /**
     * Replaces numbers by their sums over the first replicas. All of them get the same bits, and so does every run of as many.
     * Does nothing if there is one replica.
     *
     * @param floats a direct buffer in the machine's byte order, from its position to its limit, which stay
     * @param among how many replicas take part, from replica 0 on; the others do not call
     * @throws ReplicaException naming a replica that is lost or does not answer in time
     */
    void sum(ByteBuffer floats, int among);

    /** Leaves the others, whose waits for this one fail. Idempotent. */
    @Override
    void close();
}
