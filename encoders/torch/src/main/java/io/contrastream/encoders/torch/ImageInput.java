package io.contrastream.encoders.torch;

import io.contrastream.learning.image.ImageShape;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Brings images to the device. The memory that they are copied to first is kept: that of the largest call so far. */
final class ImageInput implements AutoCloseable {

    private final ImageShape shape;
    private final Target target;
    private Tensor staged;
    private long capacity;

    ImageInput(ImageShape shape, Target target) {
        this.shape = shape;
        this.target = target;
    }

    /**
     * Some of many images, channels last, on the device.
     *
     * @param images [N, C, H, W]
     * @return [count, C, H, W], of the innermost scope
     */
    Tensor fill(float[] images, int from, int count) {
        long size = (long) count * shape.size();
        reserve(size);
        staged.data_ptr_float().put(images, from * shape.size(), (int) size);
        Tensor part = staged.narrow(0, 0, size).view(count, shape.channels(), shape.height(), shape.width());
        if (target.cuda()) {
            part = part.to(Native.device(target.device()), ScalarType.Float, true, false, Native.noFormat());
        }
        return Native.channelsLast(part);
    }

    private void reserve(long size) {
        if (size > capacity) {
            close();
            try (PointerScope scope = new PointerScope()) {
                Tensor fresh = Native.zeros("cpu", ScalarType.Float, size);
                // The device reads pinned memory by itself, while the next batch is made.
                staged = Native.keep(target.cuda() ? fresh.pin_memory() : fresh);
                capacity = size;
            }
        }
    }

    @Override
    public void close() {
        if (staged != null) {
            staged.close();
            staged = null;
            capacity = 0;
        }
    }
}
