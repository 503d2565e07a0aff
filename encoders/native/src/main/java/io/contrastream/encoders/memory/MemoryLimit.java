package io.contrastream.encoders.memory;

import org.bytedeco.javacpp.Pointer;

/**
 * JavaCPP's limit of the physical memory that the process may take, beyond which it refuses an allocation. It is fixed when JavaCPP is
 * loaded, for as long as the process lives.
 */
public final class MemoryLimit {

    private static final String PROPERTY = "org.bytedeco.javacpp.maxphysicalbytes";

    private MemoryLimit() {}

    /**
     * Sets the limit, which wins over the one that the process was started with. Without either there is none, where JavaCPP's own
     * would be four times the Java heap.
     *
     * @param bytes above 0; or 0 for what the process was started with
     * @throws IllegalArgumentException if the process has another limit already, or takes more
     */
    public static void set(long bytes) {
        if (bytes > 0 || System.getProperty(PROPERTY) == null) {
            System.setProperty(PROPERTY, Long.toString(bytes));
        }
        long limit = Pointer.maxPhysicalBytes();
        if (bytes > 0 && limit != bytes) {
            throw new IllegalArgumentException("the memory limit of this process is fixed at " + limit
                    + " bytes (0: none) since its native libraries were loaded, so it cannot become " + bytes
                    + ": use the same limit for all encoders of a process");
        }
        if (bytes > 0 && Pointer.physicalBytes() > bytes) {
            throw new IllegalArgumentException("the memory limit must be above what the process takes already, "
                    + Pointer.physicalBytes() + " bytes, but is " + bytes);
        }
    }
}
