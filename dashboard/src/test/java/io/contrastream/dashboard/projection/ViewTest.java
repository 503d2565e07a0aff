package io.contrastream.dashboard.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Movement on the screen is movement in the space. */
final class ViewTest {

    private static final int COUNT = 60;
    private static final int DIMENSION = 9;

    @Test
    void whatHasNotMovedInTheSpaceDoesNotMove() {
        Random random = new Random(1);
        float[][] vectors = Clouds.anisotropic(COUNT, DIMENSION, random);
        View view = new View();
        view.look(vectors, new float[0][], new double[0][]);
        double[][] before = Clouds.places(view.plane().orElseThrow(), vectors);

        float[][] moved = Arrays.stream(vectors).map(float[]::clone).toArray(float[][]::new);
        moved[7][0] += 0.25f;
        boolean other = view.look(moved, vectors, before);
        Plane plane = view.plane().orElseThrow();
        double[][] after = Clouds.places(plane, moved);

        assertThat(other).isFalse();
        for (int i = 0; i < COUNT; i++) {
            if (i == 7) {
                // As far as the plane sees of the way.
                double way = moved[7][0] - vectors[7][0];
                assertThat(after[i][0] - before[i][0]).isCloseTo(way * plane.first()[0], within(1e-12));
                assertThat(after[i][1] - before[i][1]).isCloseTo(way * plane.second()[0], within(1e-12));
            } else {
                assertThat(after[i]).containsExactly(before[i]);
            }
        }
    }

    /** No similarity changes, so nothing is to be seen, whatever plane is found. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aTurnOfTheWholeSpaceIsNotSeen(long seed) {
        Random random = new Random(seed);
        float[][] vectors = Clouds.anisotropic(COUNT, DIMENSION, random);
        View view = new View();
        view.look(vectors, new float[0][], new double[0][]);
        double[][] before = Clouds.places(view.plane().orElseThrow(), vectors);

        float[][] turned = Clouds.times(vectors, Clouds.orthogonal(DIMENSION, random));
        boolean other = view.look(turned, turned, before);
        double[][] after = Clouds.places(view.plane().orElseThrow(), turned);

        assertThat(other).isTrue();
        for (int i = 0; i < COUNT; i++) {
            // Vectors are floats.
            assertThat(after[i]).containsExactly(before[i], within(1e-5));
        }
    }

    @Test
    void aNewPlaneLeavesTheMiddleOfWhatIsKnownWhereItWas() {
        Random random = new Random(5);
        float[][] vectors = Clouds.anisotropic(COUNT, DIMENSION, random);
        View view = new View();
        view.look(vectors, new float[0][], new double[0][]);
        double[][] before = Clouds.places(view.plane().orElseThrow(), vectors);

        float[][] spread = Arrays.stream(Clouds.anisotropic(COUNT, DIMENSION, random))
                .map(ViewTest::reversed)
                .toArray(float[][]::new);
        assertThat(view.look(spread, vectors, before)).isTrue();
        double[][] after = Clouds.places(view.plane().orElseThrow(), vectors);

        for (int c = 0; c < 2; c++) {
            assertThat(mean(after, c)).isCloseTo(mean(before, c), within(1e-9));
        }
    }

    @Test
    void vectorsOfAnotherDimensionAreAnotherSpace() {
        View view = new View();
        view.look(Clouds.anisotropic(COUNT, DIMENSION, new Random(1)), new float[0][], new double[0][]);

        assertThat(view.look(Clouds.anisotropic(COUNT, 4, new Random(1)), new float[0][], new double[0][]))
                .isTrue();
        assertThat(view.plane().orElseThrow().dimension()).isEqualTo(4);
    }

    private static float[] reversed(float[] vector) {
        float[] reversed = new float[vector.length];
        for (int k = 0; k < vector.length; k++) {
            reversed[k] = vector[vector.length - 1 - k];
        }
        return reversed;
    }

    private static double mean(double[][] places, int component) {
        return Arrays.stream(places)
                .mapToDouble(place -> place[component])
                .average()
                .orElseThrow();
    }
}
