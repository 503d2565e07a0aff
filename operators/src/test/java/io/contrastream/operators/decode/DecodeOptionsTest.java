package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.image.ImageShape;
import org.junit.jupiter.api.Test;

class DecodeOptionsTest {

    private static final ImageShape INPUT = new ImageShape(3, 32, 32);

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatThrownBy(() -> new DecodeOptions(new ImageShape(2, 32, 32), 1, 1, 0))
                .hasMessage("image channels must be 1 or 3, but is 2");
        assertThatThrownBy(() -> new DecodeOptions(INPUT, 0, 1, 0))
                .hasMessage("largest encoded size in bytes must be at least 1, but is 0");
        assertThatThrownBy(() -> new DecodeOptions(INPUT, 1, 0, 0))
                .hasMessage("largest number of pixels must be in [1, 268435456], but is 0");
        assertThatThrownBy(() -> new DecodeOptions(INPUT, 1, (1L << 28) + 1, 0))
                .hasMessage("largest number of pixels must be in [1, 268435456], but is 268435457");
        assertThatThrownBy(() -> new DecodeOptions(INPUT, 1, 1, -1))
                .hasMessage("kept bytes of a rejected payload must be in [0, 1048576], but is -1");
    }
}
