package io.contrastream.learning.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PixelResizeTest {

    @Test
    void equalsPillow() throws IOException {
        try (InputStream file = PixelResizeTest.class.getResourceAsStream("/golden/resize.bin");
                DataInputStream in = new DataInputStream(file)) {
            int cases = in.readInt();
            assertThat(cases).isPositive();
            for (int i = 0; i < cases; i++) {
                ImageShape from = new ImageShape(in.readInt(), in.readInt(), in.readInt());
                int height = in.readInt();
                int width = in.readInt();
                byte[] source = in.readNBytes(from.size());
                byte[] expected = in.readNBytes(from.channels() * height * width);

                assertThat(PixelResize.resize(source, from, height, width))
                        .as("%s to %dx%d", from, height, width)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void keepsAnEvenSurfaceEven() {
        ImageShape from = new ImageShape(3, 301, 77);
        byte[] white = new byte[from.size()];
        Arrays.fill(white, (byte) 255);

        byte[] small = PixelResize.resize(white, from, 13, 29);

        assertThat(small).hasSize(3 * 13 * 29).containsOnly(255);
    }

    @Test
    void leavesAnImageOfTheRightSizeAlone() {
        byte[] image = {1, 2, 3, 4};
        assertThat(PixelResize.resize(image, new ImageShape(1, 2, 2), 2, 2)).isSameAs(image);
    }

    @Test
    void refusesTheWrongNumberOfPixels() {
        assertThatThrownBy(() -> PixelResize.resize(new byte[5], new ImageShape(1, 2, 2), 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1x2x2 has 4 values, but there are 5");
    }
}
