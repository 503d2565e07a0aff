package io.contrastream.encoders.torch;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The way of Java's arrays to the device. What arrives has the same address every time. On a GPU the host's side is pinned memory, which
 * the GPU reads by itself while the host goes on. Both are kept, of the size of the largest call so far, and written anew by the
 * next call: what was sent must have been used by then.
 */
final class Upload implements AutoCloseable {

    /** Numbers that one thread takes as long for as many threads take to begin. */
    private static final int WORTH_THREADS = 1 << 20;

    private static final int PARTS = 16;

    private final Target target;
    private final ScalarType type;
    private final Runnable moved;
    private Tensor host;
    private Tensor device;
    private long capacity;
    /** Where what was sent last begins on the device, which on a CPU is the host. */
    private long sentFrom;

    /**
     * @param type of the values, which is also that of the array on the device
     * @param moved called before the address changes
     */
    Upload(Target target, ScalarType type, Runnable moved) {
        this.target = target;
        this.type = type;
        this.moved = moved;
    }

    /** Sends some of many numbers. */
    void send(float[] values, int from, int count) {
        send(values, from, count, 0, count);
    }

    /**
     * Sends some of many numbers, which may be on their way still when more are sent from another place of the host's memory.
     *
     * @param place of the first one in the host's memory
     * @param room numbers that the host's memory is to have, for all that is sent before anything is waited for
     */
    void send(float[] values, int from, int count, int place, int room) {
        reserve(room);
        FloatPointer memory = host.data_ptr_float().getPointer(place);
        if (target.cuda() && count >= WORTH_THREADS) {
            write(memory, values, from, count);
        } else {
            memory.put(values, from, count);
        }
        send(place, count);
    }

    /** One thread fills pinned memory at a small part of its speed. */
    private static void write(FloatPointer memory, float[] values, int from, int count) {
        int part = (count + PARTS - 1) / PARTS;
        IntStream.range(0, PARTS).parallel().forEach(index -> {
            int start = index * part;
            int size = Math.min(part, count - start);
            if (size > 0) {
                memory.getPointer(start).put(values, from + start, size);
            }
        });
    }

    /** Sends numbers. */
    void send(int[] values) {
        reserve(values.length);
        host.data_ptr_int().put(values, 0, values.length);
        send(0, values.length);
    }

    /** Sends bytes, which are numbers from 0 to 255 there. */
    void send(byte[] values) {
        reserve(values.length);
        host.data_ptr_byte().put(values, 0, values.length);
        send(0, values.length);
    }

    private void reserve(long size) {
        if (size > capacity) {
            moved.run();
            close();
            try (PointerScope scope = new PointerScope()) {
                Tensor fresh = Native.zeros("cpu", type, size);
                host = Native.keep(target.cuda() ? fresh.pin_memory() : fresh);
                device = target.cuda() ? Native.keep(Native.zeros(target.device(), type, size)) : host;
                capacity = size;
            }
        }
    }

    private void send(long place, long count) {
        if (target.cuda()) {
            try (PointerScope scope = new PointerScope()) {
                device.narrow(0, 0, count).copy_(host.narrow(0, place, count), true);
            }
        } else {
            sentFrom = place;
        }
    }

    /** The values that were sent last, [count]: on the device, or on its way there; of the innermost scope. */
    Tensor received(long count) {
        return device.narrow(0, sentFrom, count);
    }

    /** The memory that it has on the host and on the device now. */
    Stream<Tensor> memory() {
        return host == null ? Stream.empty() : Stream.of(host, device);
    }

    @Override
    public void close() {
        if (host != null) {
            host.close();
            if (target.cuda()) {
                device.close();
            }
            host = null;
            device = null;
            capacity = 0;
        }
    }
}
