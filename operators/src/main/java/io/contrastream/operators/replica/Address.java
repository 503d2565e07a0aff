package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.ReplicaException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Where a learner listens, as it is told to another one: always as many bytes. */
final class Address {

    private static final int LONGEST = 16;

    /** The length of the address, room for the longest one, the port. */
    static final int BYTES = Integer.BYTES + LONGEST + Integer.BYTES;

    private Address() {}

    static ByteBuffer bytes(InetSocketAddress address) {
        byte[] host = address.getAddress().getAddress();
        return ByteBuffer.allocate(BYTES)
                .putInt(host.length)
                .put(Arrays.copyOf(host, LONGEST))
                .putInt(address.getPort())
                .flip();
    }

    static InetSocketAddress of(ByteBuffer bytes) {
        int length = bytes.getInt();
        byte[] host = new byte[LONGEST];
        bytes.get(host);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOf(host, length)), bytes.getInt());
        } catch (UnknownHostException e) {
            throw new ReplicaException("replica 0 told of an address of " + length + " bytes", e);
        }
    }
}
