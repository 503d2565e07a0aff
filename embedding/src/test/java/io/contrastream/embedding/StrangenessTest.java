package io.contrastream.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class StrangenessTest {

    @Test
    void theSameSimilarityIsStrangerToATightClassThanToAWideOne() {
        Strangeness strangeness = new Strangeness(new int[] {20, 20}, new float[] {0.99f, 0.8f});

        assertThat(strangeness.of(0, 0.9)).isGreaterThan(4 * strangeness.of(1, 0.9));
        assertThat(strangeness.of(0, 1)).isZero();
    }

    @Test
    void aClassOfOneImageHasTheSpreadOfTheOthers() {
        Strangeness strangeness = new Strangeness(new int[] {1, 1000}, new float[] {1, 0.8f});

        // (1 · 0 + 5 · 0.1) / 6 and (1000 · 0.2 + 5 · 0.1) / 1005
        assertThat(strangeness.of(0, 0.5)).isCloseTo(6.0, within(1e-6));
        assertThat(strangeness.of(1, 0.5)).isCloseTo(0.5 * 1005 / 200.5, within(1e-6));
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
