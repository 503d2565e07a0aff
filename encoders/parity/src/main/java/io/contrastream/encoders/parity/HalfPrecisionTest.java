package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import org.junit.jupiter.api.Test;

/** Feature maps of 16 bits learn almost as those of single precision do, and leave a state that both take. */
public abstract class HalfPrecisionTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.IMAGENET, 8, new ImageShape(3, 32, 32), 16, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.adam(1e-3, 0), 0.5);
    private static final int VIEWS = 24;

    /** Whether the processor has instructions that the engine needs. */
    protected boolean supported() {
        return true;
    }

    @Test
    void featureMapsOf16BitsLearnAlmostTheSame() {
        assumeTrue(supported(), "the processor multiplies bf16");
        try (Encoder single = encoder(Precision.FLOAT32);
                Encoder half = encoder(Precision.BF16)) {
            assertThat(single.precision()).isEqualTo(Precision.FLOAT32);
            assertThat(half.precision()).isEqualTo(Precision.BF16);
            StepInput input = StepInput.plain(SPEC.input(), pixels(), labels());
            float[] images = input.hostViews();
            assertThat(cosine(single.embed(images, VIEWS), half.embed(images, VIEWS)))
                    .isGreaterThan(0.999);
            for (int step = 0; step < 5; step++) {
                // From equal weights: two trainings drift apart, however small what they round.
                single.load(half.state());
                float expected = Objectives.train(single, input).loss();
                assertThat(Objectives.train(half, input).loss()).isCloseTo(expected, within(0.02f * expected));
            }
            EncoderState state = half.state();
            assertThat(state).isNotEqualTo(single.state());
            single.load(state);
            assertThat(single.state()).isEqualTo(state);
        }
    }

    private static Encoder encoder(Precision precision) {
        return EncoderEngine.find()
                .create(SPEC, TRAINING, new DeviceOptions("auto", "cpu", precision, TestDevice.THREADS, 0), 3);
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
        }
        return product / VIEWS; // rows of length 1
    }

    private static byte[] pixels() {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, 0, 0);
        byte[] pixels = new byte[VIEWS * SPEC.input().size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        return pixels;
    }

    private static int[] labels() {
        int[] labels = new int[VIEWS];
        for (int i = 0; i < VIEWS; i++) {
            labels[i] = i % 4;
        }
        return labels;
    }
}
