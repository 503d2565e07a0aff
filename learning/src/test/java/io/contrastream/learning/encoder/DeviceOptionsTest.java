package io.contrastream.learning.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.DeviceOptions.Precision;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceOptionsTest {

    /** Nothing for a CPU. */
    @ParameterizedTest
    @CsvSource({
        "AUTO, , FLOAT32",
        "AUTO, 7, FLOAT32",
        "AUTO, 8, BF16",
        "AUTO, 9, BF16",
        "AUTO, 12, BF16",
        "FLOAT32, 9, FLOAT32",
        "TF32, 9, TF32",
        "TF32, 7, TF32",
        "BF16, , BF16",
        "BF16, 7, BF16"
    })
    void thePrecisionFollowsTheDeviceUnlessItIsNamed(Precision asked, Integer computeCapability, Precision expected) {
        assertThat(asked.on(computeCapability == null ? OptionalInt.empty() : OptionalInt.of(computeCapability)))
                .isEqualTo(expected);
    }
}
