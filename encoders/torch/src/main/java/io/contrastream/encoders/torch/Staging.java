package io.contrastream.encoders.torch;

import io.contrastream.learning.image.ImageShape;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Memory of the host that images are copied to on their way to the device. It is kept: that of the largest call so far. */
final class Staging implements AutoCloseable {

    private final ImageShape shape;
    private final Target target;
    private Tensor memory;
    private long capacity;

    Staging(ImageShape shape, Target target) {
        this.shape = shape;
        this.target = target;
    }

    /**
     * Takes a copy of some of many images.
     *
     * @param images [N, C, H, W]
     */
    void copy(float[] images, int from, int count) {
        int size = count * shape.size();
        reserve(size);
        memory.data_ptr_float().put(images, from * shape.size(), size);
    }

    private void reserve(long size) {
        if (size > capacity) {
            close();
            try (PointerScope scope = new PointerScope()) {
                Tensor fresh = Native.zeros("cpu", ScalarType.Float, size);
                // The device reads pinned memory by itself, while the host goes on.
                memory = Native.keep(target.cuda() ? fresh.pin_memory() : fresh);
                capacity = size;
            }
        }
    }

    /**
     * The images that were copied last, channels last, on the device, or on their way there.
     *
     * @return [count, C, H, W], of the innermost scope
     */
    Tensor send(int count) {
        Tensor part = memory.narrow(0, 0, (long) count * shape.size())
                .view(count, shape.channels(), shape.height(), shape.width());
        if (target.cuda()) {
            part = part.to(Native.device(target.device()), ScalarType.Float, true, false, Native.noFormat());
        }
        return Native.channelsLast(part);
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
