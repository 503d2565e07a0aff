package io.contrastream.encoders.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import org.junit.jupiter.api.Test;

final class PartsTest {

    @Test
    void theLargestActivationIsOfTheFirstStageOrBehindTheStem() {
        // Four times 20 and 64 maps of the first stage's size, and 64 of a quarter of the image's.
        assertThat(Parts.largestActivation(spec(Architecture.RESNET18_SLIM, Stem.CIFAR, 32)))
                .isEqualTo(4L * 20 * 32 * 32);
        assertThat(Parts.largestActivation(spec(Architecture.RESNET50, Stem.CIFAR, 32)))
                .isEqualTo(4L * 4 * 64 * 32 * 32);
        assertThat(Parts.largestActivation(spec(Architecture.RESNET50, Stem.IMAGENET, 224)))
                .isEqualTo(4L * 64 * 112 * 112);
    }

    @Test
    void aCpuTakesFewAndADeviceWhatItHasRoomFor() {
        EncoderSpec large = spec(Architecture.RESNET50, Stem.IMAGENET, 224);
        assertThat(Parts.onCpu(large)).isEqualTo(20);
        assertThat(Parts.onDevice(large, 80L << 30)).isEqualTo(1114);
        assertThat(Parts.onDevice(large, 4L << 30)).isEqualTo(55);
    }

    @Test
    void oneImageIsAlwaysAPart() {
        EncoderSpec huge = spec(Architecture.RESNET50, Stem.CIFAR, 2048);
        assertThat(Parts.onCpu(huge)).isEqualTo(1);
        assertThat(Parts.onDevice(huge, 0)).isEqualTo(1);
    }

    private static EncoderSpec spec(Architecture architecture, Stem stem, int side) {
        return EncoderSpec.of(architecture, stem, new ImageShape(3, side, side), Normalization.CIFAR100);
    }
}
