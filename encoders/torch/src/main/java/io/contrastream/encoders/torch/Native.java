package io.contrastream.encoders.torch;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Short forms for LibTorch's Java classes. Whatever is made here belongs to the innermost {@link PointerScope}. */
final class Native {

    private static final AtomicLong COPIES_TO_HOST = new AtomicLong();

    private Native() {}

    /** Zeros on a device. */
    static Tensor zeros(String device, ScalarType type, long... shape) {
        TensorOptions options = new TensorOptions(type).device(new DeviceOptional(new Device(device)));
        return torch.zeros(shape, options);
    }

    /** Numbers that are still to be written, on a device. */
    static Tensor empty(String device, ScalarType type, long... shape) {
        TensorOptions options = new TensorOptions(type).device(new DeviceOptional(new Device(device)));
        return torch.empty(shape, options, new MemoryFormatOptional());
    }

    /** Numbers that stay, on a device; the caller closes it. */
    static Tensor constant(Target target, float[] values, long... shape) {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = zeros("cpu", ScalarType.Float, shape);
            tensor.data_ptr_float().put(values);
            return keep(to(tensor, target.device(), ScalarType.Float));
        }
    }

    /** The labels of views, [N]. */
    static Tensor integers(int[] values) {
        Tensor tensor = zeros("cpu", ScalarType.Int, values.length);
        tensor.data_ptr_int().put(values);
        return tensor;
    }

    static Device device(String name) {
        return new Device(name);
    }

    static MemoryFormatOptional noFormat() {
        return new MemoryFormatOptional();
    }

    static ScalarTypeOptional noType() {
        return new ScalarTypeOptional();
    }

    static TensorOptional optional(Tensor tensor) {
        return new TensorOptional(tensor);
    }

    static BoolPointer flags(boolean... values) {
        BoolPointer flags = new BoolPointer(values.length);
        for (int i = 0; i < values.length; i++) {
            flags.put(i, values[i]);
        }
        return flags;
    }

    /** On another device or of another type; the tensor itself where nothing changes. */
    static Tensor to(Tensor tensor, String device, ScalarType type) {
        return tensor.to(device(device), type, false, false, noFormat());
    }

    /** An image tensor [N, C, H, W] whose channels lie next to each other: what convolutions are fastest on. */
    static Tensor channelsLast(Tensor images) {
        return images.contiguous(MemoryFormat.ChannelsLast);
    }

    /** Lets a tensor outlive the scope that it was made in, until its owner closes it. */
    static Tensor keep(Tensor tensor) {
        return tensor.retainReference();
    }

    /** The values of a tensor, in row-major order, when the device has them. */
    static float[] floats(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            return values(host(tensor));
        }
    }

    /** A tensor's values on the host. The one place where the host waits for the device. */
    static Tensor host(Tensor tensor) {
        COPIES_TO_HOST.incrementAndGet();
        return to(tensor, "cpu", ScalarType.Float);
    }

    /** The values of a tensor on the host, in row-major order. */
    static float[] values(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor dense = tensor.contiguous();
            float[] values = new float[Math.toIntExact(dense.numel())];
            dense.data_ptr_float().get(values);
            return values;
        }
    }

    /** The sum of the bits of an array's floats as whole numbers, which tells two arrays apart. */
    static long sumOfBits(Tensor floats) {
        COPIES_TO_HOST.incrementAndGet();
        return floats.view(ScalarType.Int).sum().item_long();
    }

    /** How often something has been fetched from the device in this process. */
    static long copiesToHost() {
        return COPIES_TO_HOST.get();
    }
}
