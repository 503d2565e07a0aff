package io.contrastream.dashboard.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrincipalPlaneTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void showsAsMuchSpreadAsTheTwoLargestEigenvaluesOfTheCovariance(long seed) {
        Random random = new Random(seed);
        float[][] vectors = Clouds.anisotropic(40, 7, random);

        Plane plane = PrincipalPlane.of(vectors);

        double[] eigenvalues = Jacobi.eigenvalues(Clouds.covariance(vectors));
        assertThat(plane.spread(vectors)).isCloseTo(eigenvalues[0] + eigenvalues[1], within(1e-9 * eigenvalues[0]));
        assertThat(Clouds.dot(plane.first(), plane.first())).isCloseTo(1, within(1e-12));
        assertThat(Clouds.dot(plane.second(), plane.second())).isCloseTo(1, within(1e-12));
        assertThat(Clouds.dot(plane.first(), plane.second())).isCloseTo(0, within(1e-12));
    }

    @Test
    void ofVectorsThatSpanNoPlaneItIsStillAPlane() {
        float[][] same = {{1, 0, 0}, {1, 0, 0}};
        float[][] line = {{1, 0, 0}, {0, 1, 0}};

        for (float[][] vectors : new float[][][] {same, line}) {
            Plane plane = PrincipalPlane.of(vectors);
            assertThat(Clouds.dot(plane.first(), plane.first())).isCloseTo(1, within(1e-12));
            assertThat(Clouds.dot(plane.second(), plane.second())).isCloseTo(1, within(1e-12));
            assertThat(Clouds.dot(plane.first(), plane.second())).isCloseTo(0, within(1e-12));
        }
        assertThat(PrincipalPlane.of(line).spread(line)).isCloseTo(0.5, within(1e-12));
    }
}
