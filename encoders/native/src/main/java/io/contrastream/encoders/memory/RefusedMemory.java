package io.contrastream.encoders.memory;

import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.network.EncoderSpec;
import java.util.List;

/** Tells failures that are refused memory of native code from all others. */
public final class RefusedMemory {

    /** In the errors of JavaCPP's limit, of LibTorch's allocator of a GPU's memory, and of that of the CPU's. */
    private static final List<String> SIGNS = List.of("maxPhysicalBytes", "out of memory", "allocate memory");

    private RefusedMemory() {}

    /**
     * Chooses the exception to throw when native code failed: an {@link EncoderMemoryException} if memory was refused, whatever that is wrapped in. All
     * else is passed on, also that Java's own heap is full.
     *
     * @param failure what was thrown
     * @param doing what needed the memory, such as "training on 220 views"
     * @return the exception to throw; an {@link Error} is thrown instead
     */
    public static RuntimeException failure(Throwable failure, String doing, EncoderSpec spec) {
        for (Throwable reason = failure; reason != null; reason = reason.getCause()) {
            String message = String.valueOf(reason.getMessage());
            if (SIGNS.stream().anyMatch(message::contains)) {
                return new EncoderMemoryException(doing, spec, reason);
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }
}
