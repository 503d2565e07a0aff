package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.encoders.dl4j.onednn.OneDnnVertices;
import io.contrastream.encoders.parity.HalfPrecisionTest;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import org.junit.jupiter.api.Test;

class Dl4jPrecisionTest extends HalfPrecisionTest {

    @Override
    protected boolean supported() {
        NativeBackend.start(TestDevice.OPTIONS);
        return OneDnnVertices.multipliesHalf();
    }

    @Test
    void aProcessorOrADeviceWithoutItIsAnError() {
        NativeBackend.requirePrecision(Precision.BF16, false, true);
        NativeBackend.requirePrecision(Precision.AUTO, true, false);
        NativeBackend.requirePrecision(Precision.FLOAT32, false, false);
        assertThatThrownBy(() -> NativeBackend.requirePrecision(Precision.BF16, false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("precision bf16 needs a processor with AVX512-BF16 or AMX");
        assertThatThrownBy(() -> NativeBackend.requirePrecision(Precision.BF16, true, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("precision bf16 is not supported by the dl4j engine on a GPU");
        assertThatThrownBy(() -> NativeBackend.requirePrecision(Precision.TF32, false, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("precision tf32 is not supported by the dl4j engine");
    }
}
