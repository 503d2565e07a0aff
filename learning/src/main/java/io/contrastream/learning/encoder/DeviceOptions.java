package io.contrastream.learning.encoder;

import java.io.Serializable;

/**
 * Where an encoder runs.
 *
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param threads of the CPU for one operation, at least 1; or 0 for as many as there are cores
 * @param memoryLimitBytes most physical memory that the whole process may take before an allocation of the engine fails, above
 *     0; or 0 for no limit
 */
public record DeviceOptions(String device, int threads, long memoryLimitBytes) implements Serializable {

    /** One machine without limits: the engine chooses. */
    public static final DeviceOptions AUTO = new DeviceOptions("auto", 0, 0);

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
}
