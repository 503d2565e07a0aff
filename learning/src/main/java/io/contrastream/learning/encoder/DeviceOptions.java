package io.contrastream.learning.encoder;

import java.io.Serializable;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Engine and device that an encoder runs on.
 *
 * @param engine {@code auto} for the one on the class path, or the name that it must have
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param precision of the network's arithmetic
 * @param deterministic whether a GPU takes algorithms that end in the same bits every time, rather than those that are fastest
 * @param threads of the CPU for one operation, at least 1; or 0 for as many as there are cores
 * @param memoryLimitBytes most physical memory that the whole process may take before an allocation of the engine fails, above
 *     0; or 0 for no limit
 */
public record DeviceOptions(
        String engine, String device, Precision precision, boolean deterministic, int threads, long memoryLimitBytes)
        implements Serializable {

    /** One machine without limits: the engine chooses. */
    public static final DeviceOptions AUTO = new DeviceOptions("auto", "auto", Precision.AUTO, 0, 0);

    /** @throws IllegalArgumentException if a value is out of its range */
    public DeviceOptions {
        if (!device.matches("auto|cpu|cuda(:\\d+)?")) {
            throw new IllegalArgumentException("device must be auto, cpu, cuda or cuda:N, but is '" + device + "'");
        }
        if (threads < 0) {
            throw new IllegalArgumentException("threads must be at least 0, but is " + threads);
        }
        if (memoryLimitBytes < 0) {
            throw new IllegalArgumentException("memory limit must be at least 0 bytes, but is " + memoryLimitBytes);
        }
    }

    /** One that ends in the same bits every time. */
    public DeviceOptions(String engine, String device, Precision precision, int threads, long memoryLimitBytes) {
        this(engine, device, precision, true, threads, memoryLimitBytes);
    }

    /** Whichever engine there is, in single precision, whatever the device. */
    public DeviceOptions(String device, int threads, long memoryLimitBytes) {
        this("auto", device, Precision.FLOAT32, threads, memoryLimitBytes);
    }

    /** The same on a device. */
    public DeviceOptions on(String otherDevice) {
        return new DeviceOptions(engine, otherDevice, precision, deterministic, threads, memoryLimitBytes);
    }

    /**
     * The numbers that are multiplied. Parameters, gradients and the optimiser's slots are single precision in any case, so that a
     * state does not depend on it.
     */
    public enum Precision {
        /** {@link #BF16} on a GPU that is fast with it, else {@link #FLOAT32}: {@link #on}. */
        AUTO,
        /** Single precision. */
        FLOAT32,
        /** Single precision whose convolutions take 10 bits of a factor's mantissa: Nvidia's tensor cores, from Ampere on. */
        TF32,
        /** Activations of 16 bits with the exponent of single precision. */
        BF16;

        /** Least major number of a GPU's compute capability with which {@link #AUTO} is {@link #BF16}: Ampere's. */
        private static final int BF16_FROM = 8;

        /**
         * The precision that an encoder works in: never {@link #AUTO}, and any other as it is.
         *
         * @param computeCapability major number of the GPU's; empty on a CPU
         */
        public Precision on(OptionalInt computeCapability) {
            if (this != AUTO) {
                return this;
            }
            return computeCapability.orElse(0) >= BF16_FROM ? BF16 : FLOAT32;
        }

        /** Its name in options. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
