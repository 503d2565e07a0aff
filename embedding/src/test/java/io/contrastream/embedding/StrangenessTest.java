package io.contrastream.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class StrangenessTest {

    @Test
    void whatLiesAcrossAllClassesIsStrangerThanWhatLiesBetweenThem() {
        Strangeness strangeness = new Strangeness(List.of(new float[] {1, 0, 0}, new float[] {0.6f, 0.8f, 0}));
        float side = (float) Math.sqrt(1 - 0.8 * 0.8);

        assertThat(strangeness.of(new float[] {0.8f, -side, 0, 0.8f, 0, side}, 0, 0.8))
                .isCloseTo(0.2, within(1e-6));
        assertThat(strangeness.of(new float[] {0.8f, -side, 0, 0.8f, 0, side}, 3, 0.8))
                .isCloseTo(0.2 + 2 * 0.36, within(1e-6));
        assertThat(strangeness.of(new float[] {1, 0, 0}, 0, 1)).isCloseTo(0, within(1e-6));
    }

    @Test
    void whereTheClassesSpanEverythingTheSimilarityIsLeft() {
        Strangeness strangeness = new Strangeness(
                List.of(new float[] {1, 0}, new float[] {0.6f, 0.8f}, new float[] {0.8f, 0.6f}, new float[] {0, 1}));

        assertThat(strangeness.of(new float[] {-1, 0}, 0, 0)).isCloseTo(1, within(1e-6));
    }

    @Test
    void aPrototypeThatIsThereTwiceSpansNothingMore() {
        Strangeness strangeness = new Strangeness(List.of(new float[] {1, 0}, new float[] {1, 1e-5f}));

        assertThat(strangeness.of(new float[] {0, 1}, 0, 0)).isCloseTo(3, within(1e-6));
    }

    @Test
    void theThresholdIsASmallestStrangenessThatLeavesTheRateAboveIt() {
        double[] known = DoubleStream.iterate(1, x -> x + 1).limit(99).toArray();

        assertThat(Strangeness.threshold(known, 0.05)).isEqualTo(95);
        assertThat(Strangeness.threshold(known, 0.5)).isEqualTo(50);
        assertThat(Strangeness.threshold(known, 0.001)).isInfinite();
        assertThat(Strangeness.threshold(new double[0], 0.5)).isInfinite();
    }

    @Test
    void soManyOfOtherImagesOfKnownClassesAreFalseAlarmsAsTheRateSays() {
        double alarms = 0;
        int others = 0;
        for (int draw = 0; draw < 200; draw++) {
            Random random = new Random(draw);
            double threshold = Strangeness.threshold(normals(random, 100), 0.1);
            alarms += DoubleStream.of(normals(random, 100))
                    .filter(x -> x > threshold)
                    .count();
            others += 100;
        }
        // 20,000 images whose thresholds have each a standard deviation of 0.03
        assertThat(alarms / others).isCloseTo(0.1, within(0.01));
    }

    private static double[] normals(Random random, int count) {
        return DoubleStream.generate(random::nextGaussian).limit(count).toArray();
    }
}
