package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.DeviceOptions;

/** Where engines are tested: on the CPU, or where a system property says. */
public final class TestDevice {

    /** The property: {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public static final String PROPERTY = "contrastream.test.device";

    /** The device in single precision, on two threads. */
    public static final DeviceOptions OPTIONS = new DeviceOptions(System.getProperty(PROPERTY, "cpu"), 2, 0);

    private TestDevice() {}
}
