package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.DeviceOptions;

/** Where engines are tested: on the CPU with two threads, or as system properties say. */
public final class TestDevice {

    /** The property: {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public static final String PROPERTY = "contrastream.test.device";

    /** The property: threads of the CPU for one operation, at least 1. */
    public static final String THREADS_PROPERTY = "contrastream.test.threads";

    public static final int THREADS = Integer.getInteger(THREADS_PROPERTY, 2);

    /** The device in single precision. */
    public static final DeviceOptions OPTIONS = new DeviceOptions(System.getProperty(PROPERTY, "cpu"), THREADS, 0);

    private TestDevice() {}
}
