package io.contrastream.encoders.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Memory of the host that Java's arrays are copied to on their way to the device: pinned where that is a GPU, which reads it by itself
 * while the host goes on. It is kept, that of the largest call so far, and written anew by the next call: what was sent must have arrived
 * by then.
 */
final class Upload implements AutoCloseable {

    private final Target target;
    private final ScalarType type;
    private Tensor memory;
    private long capacity;

    /** @param type of the values, which is also that of the array on the device */
    Upload(Target target, ScalarType type) {
        this.target = target;
        this.type = type;
    }

    /** Some of many numbers, [count], of the innermost scope: on the device, or on their way there. */
    Tensor send(float[] values, int from, int count) {
        reserve(count);
        memory.data_ptr_float().put(values, from, count);
        return sent(count);
    }

    /** Numbers, likewise. */
    Tensor send(int[] values) {
        reserve(values.length);
        memory.data_ptr_int().put(values, 0, values.length);
        return sent(values.length);
    }

    /** Bytes, which are numbers from 0 to 255 there, likewise. */
    Tensor send(byte[] values) {
        reserve(values.length);
        memory.data_ptr_byte().put(values, 0, values.length);
        return sent(values.length);
    }

    private void reserve(long size) {
        if (size > capacity) {
            close();
            try (PointerScope scope = new PointerScope()) {
                Tensor fresh = Native.zeros("cpu", type, size);
                memory = Native.keep(target.cuda() ? fresh.pin_memory() : fresh);
                capacity = size;
            }
        }
    }

    private Tensor sent(long count) {
        Tensor part = memory.narrow(0, 0, count);
        return target.cuda() ? part.to(Native.device(target.device()), type, true, false, Native.noFormat()) : part;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
            memory = null;
            capacity = 0;
        }
    }
}
