package io.contrastream.encoders.torch;

import io.contrastream.learning.image.ImageShape;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings images to the device. Views that are announced are copied to pinned memory by who announces them, so that the step has
 * only to send them off; there is room for those of two steps. Thread-safe in {@link #announce}.
 */
final class ImageInput implements AutoCloseable {

    private final boolean ahead;
    private final Staging direct;
    private final List<Slot> slots;
    private Slot taken;
    private boolean closed;

    /** @param ahead whether to copy what is announced: of use where images go to a device of its own */
    ImageInput(ImageShape shape, Target target, boolean ahead) {
        this.ahead = ahead;
        this.direct = new Staging(shape, target);
        this.slots = List.of(new Slot(shape, target), new Slot(shape, target));
    }

    /** Copies the views of a step to come, all of an array. */
    synchronized void announce(float[] views) {
        if (!ahead || closed) {
            return;
        }
        Slot chosen = null;
        for (Slot slot : slots) {
            if (slot.views == views) {
                chosen = slot;
                break;
            }
            if (slot != taken && (chosen == null || slot.views == null)) {
                chosen = slot;
            }
        }
        chosen.views = null;
        chosen.staging.copy(views, 0, views.length / chosen.size);
        chosen.views = views;
    }

    /** The views of a step, [count, C, H, W], of the innermost scope. */
    synchronized Tensor views(float[] views, int count) {
        for (Slot slot : slots) {
            if (slot.views == views) {
                slot.views = null;
                taken = slot;
                return slot.staging.send(count);
            }
        }
        return images(views, 0, count);
    }

    /** To be called when the device has what {@link #views} has sent: the memory may be written to again. */
    synchronized void arrived() {
        taken = null;
    }

    /**
     * Some of many images, on the device.
     *
     * @param images [N, C, H, W]
     * @return [count, C, H, W], of the innermost scope
     */
    Tensor images(float[] images, int from, int count) {
        direct.copy(images, from, count);
        return direct.send(count);
    }

    @Override
    public synchronized void close() {
        closed = true;
        direct.close();
        slots.forEach(slot -> slot.staging.close());
    }

    /** Where views wait for their step. */
    private static final class Slot {

        private final Staging staging;
        private final int size;
        /** What has been announced and not been taken; null if there is nothing. */
        private float[] views;

        private Slot(ImageShape shape, Target target) {
            staging = new Staging(shape, target);
            size = shape.size();
        }
    }
}
