package io.contrastream.encoders.torch;

import io.contrastream.learning.image.ImageShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings images to the device. Views that are announced are copied to pinned memory and sent to the device by who announces them, so
 * that the step finds them there; there is room for those of two steps. Thread-safe in {@link #announce}.
 *
 * <p>All threads use the device's default stream: what is sent ahead arrives behind the work that the device has been given by then,
 * and before that of the step that takes it. No event is needed for either.
 */
final class ImageInput implements AutoCloseable {

    private final boolean ahead;
    private final Staging direct;
    private final List<Slot> slots;
    private Slot taken;
    private boolean closed;

    /** @param ahead whether to send what is announced: of use where images go to a device of its own */
    ImageInput(ImageShape shape, Target target, boolean ahead) {
        this.ahead = ahead;
        this.direct = new Staging(shape, target);
        this.slots = List.of(new Slot(shape, target), new Slot(shape, target));
    }

    /** Copies the views of a step to come, all of an array, and sends them off without waiting for the device. */
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
        chosen.send(views);
    }

    /** The views of a step, [count, C, H, W], of the innermost scope. */
    synchronized Tensor views(float[] views, int count) {
        for (Slot slot : slots) {
            if (slot.views == views) {
                taken = slot;
                return slot.take();
            }
        }
        return images(views, 0, count);
    }

    /** To be called when the device has what {@link #views} has given: the memory may be written to again. */
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
        slots.forEach(Slot::close);
    }

    /** Where views wait for their step. */
    private static final class Slot {

        private final Staging staging;
        private final int size;
        /** What has been announced and not been taken; null if there is nothing. */
        private float[] views;

        /** The same on the device, or on its way there. */
        private Tensor sent;

        private Slot(ImageShape shape, Target target) {
            staging = new Staging(shape, target);
            size = shape.size();
        }

        private void send(float[] announced) {
            forget();
            int count = announced.length / size;
            try (PointerScope scope = new PointerScope()) {
                staging.copy(announced, 0, count);
                sent = Native.keep(staging.send(count));
            }
            views = announced;
        }

        /** The views that were sent, of the innermost scope. */
        private Tensor take() {
            Tensor taken = new Tensor(sent);
            forget();
            return taken;
        }

        private void forget() {
            views = null;
            if (sent != null) {
                sent.close();
                sent = null;
            }
        }

        private void close() {
            forget();
            staging.close();
        }
    }
}
