package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.ReplicaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Sums over learners each of which sends to the next one and receives from the one before, at the same time. The numbers are parted into as
 * many segments as there are learners. In R − 1 rounds the sum of every segment goes once around and grows, and in R − 1 more all learners
 * get it: each sends and receives 2 (R − 1) / R times the bytes, however many there are (Patarasuk and Yuan, <i>Bandwidth optimal
 * all-reduce algorithms for clusters of workstations</i>, 2009).
 *
 * <p>Segment s is added in the order s, s + 1, …, R − 1, 0, …, s − 1, by every run alike.
 */
final class Ring {

    private static final int HEADER_BYTES = Long.BYTES;

    private final int place;
    private final int size;
    private final Peer previous;
    private final Peer next;
    private final ByteBuffer staged;
    private final float[] own;
    private final float[] part;
    private long bytes;

    /**
     * The ring as one learner sees it.
     *
     * @param place its number
     * @param size number of learners
     * @param pieceBytes most that is added at once
     */
    Ring(int place, int size, Peer previous, Peer next, int pieceBytes) {
        this.place = place;
        this.size = size;
        this.previous = previous;
        this.next = next;
        this.staged = ByteBuffer.allocateDirect(pieceBytes).order(ByteOrder.nativeOrder());
        this.own = new float[pieceBytes / Float.BYTES];
        this.part = new float[pieceBytes / Float.BYTES];
    }

    /** Replaces numbers, from the buffer's position to its limit, which stay, by their sums. */
    void sum(ByteBuffer floats) {
        ByteBuffer values = floats.slice().order(ByteOrder.nativeOrder());
        requireSameLength(values.limit());
        for (int round = 0; round < size - 1; round++) {
            pass(segment(values, place - round), segment(values, place - round - 1), true);
        }
        for (int round = 0; round < size - 1; round++) {
            pass(segment(values, place - round + 1), segment(values, place - round), false);
        }
    }

    /** Bytes sent so far, and as many received. */
    long bytes() {
        return bytes;
    }

    private void requireSameLength(int length) {
        ByteBuffer mine = ByteBuffer.allocate(HEADER_BYTES).putLong(length).flip();
        ByteBuffer others = ByteBuffer.allocate(HEADER_BYTES);
        Peer.exchange(next, mine, previous, others);
        long itsLength = others.flip().getLong();
        if (itsLength != length) {
            throw new ReplicaException(previous.name() + " is out of step: it adds " + itsLength
                    + " bytes, where replica " + place + " of " + size + " adds " + length);
        }
    }

    private ByteBuffer segment(ByteBuffer values, int number) {
        int segment = Math.floorMod(number, size);
        long count = values.limit() / Float.BYTES;
        int from = Math.toIntExact(segment * count / size) * Float.BYTES;
        int to = Math.toIntExact((segment + 1) * count / size) * Float.BYTES;
        return values.slice(from, to - from).order(ByteOrder.nativeOrder());
    }

    /** Sends one segment while another one comes, which is added to the own numbers or takes their place. */
    private void pass(ByteBuffer out, ByteBuffer in, boolean add) {
        bytes += out.limit();
        int end = out.limit();
        while (out.position() < end || in.hasRemaining()) {
            out.limit(Math.min(end, out.position() + staged.capacity()));
            ByteBuffer piece = in.slice().order(ByteOrder.nativeOrder());
            piece.limit(Math.min(staged.capacity(), piece.limit()));
            in.position(in.position() + piece.limit());
            if (add) {
                staged.clear().limit(piece.limit());
                Peer.exchange(next, out, previous, staged);
                add(staged.flip(), piece);
            } else {
                Peer.exchange(next, out, previous, piece);
            }
        }
    }

    private void add(ByteBuffer from, ByteBuffer to) {
        FloatBuffer numbers = to.asFloatBuffer();
        int count = numbers.remaining();
        from.asFloatBuffer().get(part, 0, count);
        numbers.duplicate().get(own, 0, count);
        for (int i = 0; i < count; i++) {
            own[i] = part[i] + own[i];
        }
        numbers.put(own, 0, count);
    }
}
