package io.contrastream.learning.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.drift.EmbeddingDrift.Change;
import io.contrastream.learning.drift.EmbeddingDrift.Row;
import io.contrastream.learning.drift.EmbeddingDrift.State;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EmbeddingDriftTest {

    private static final int DIMENSIONS = 6;
    private static final DriftOptions OPTIONS = new DriftOptions(0.002, 0.1, 60);

    private static EmbeddingDrift drift() {
        return new EmbeddingDrift(OPTIONS, 3, State.NONE);
    }

    /** A point near one of three axes, or near one of the other three. */
    private static float[] point(int i, boolean elsewhere) {
        RandomStream random = RandomStream.of(9, Purpose.GENERATE, i, 0);
        float[] point = new float[DIMENSIONS];
        point[random.nextInt(3) + (elsewhere ? 3 : 0)] = 1;
        for (int k = 0; k < DIMENSIONS; k++) {
            point[k] += (float) (0.2 * random.nextGaussian());
        }
        return unit(point);
    }

    private static float[] unit(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += value * value;
        }
        float[] unit = new float[values.length];
        for (int k = 0; k < values.length; k++) {
            unit[k] = (float) (values[k] / Math.sqrt(squares));
        }
        return unit;
    }

    /** The encoder's movement: a third of a radian a version, from each of the first three axes towards another one. */
    private static float[] turned(float[] point, int version) {
        double cos = Math.cos(version / 3.0);
        double sin = Math.sin(version / 3.0);
        float[] turned = new float[DIMENSIONS];
        for (int k = 0; k < 3; k++) {
            turned[k] = (float) (cos * point[k] - sin * point[k + 3]);
            turned[k + 3] = (float) (sin * point[k] + cos * point[k + 3]);
        }
        return turned;
    }

    private static List<Float> boxed(float[] values) {
        return IntStream.range(0, values.length).mapToObj(k -> values[k]).toList();
    }

    @Test
    void theDistanceIsThatOfItsDefinition() {
        List<float[]> xs = List.of(new float[] {0, 0}, new float[] {3, 4});
        List<float[]> ys = List.of(new float[] {0, 1});

        double apart = (1 + Math.sqrt(18)) / 2;
        assertThat(EnergyDistance.between(xs, ys)).isCloseTo(1 - 2.5 / (2 * apart), within(1e-12));
        assertThat(EnergyDistance.between(xs, xs)).isZero();
        assertThat(EnergyDistance.between(ys, List.of(new float[] {5, 5}))).isEqualTo(1);
    }

    @Test
    void imagesThatLieElsewhereAreFoundOnceAndOthersAreNot() {
        EmbeddingDrift drift = drift();
        List<Long> found = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            drift.add(new Row("image-" + i, 0, point(i, i >= 1500)), i + 1)
                    .map(Change::images)
                    .ifPresent(found::add);
            if (i == 1499) {
                assertThat(drift.distance()).isBetween(0.0, 0.06);
            }
        }
        assertThat(found).hasSize(1);
        assertThat(found.get(0)).isBetween(1501L, 1500L + 2L * OPTIONS.window());
        assertThat(drift.changes()).isEqualTo(1);
        assertThat(drift.newestChange().orElseThrow().distance()).isGreaterThan(0.1);
    }

    @Test
    void whatTheEncoderMovesIsNoDriftWhereMemoryIsEmbeddedAnew() {
        assertThat(changes(true)).isZero();
        assertThat(changes(false)).as("without compensation").isPositive();
    }

    /** Twelve versions of the encoder, a hundred images under each. */
    private static long changes(boolean compensated) {
        EmbeddingDrift drift = drift();
        for (int i = 0; i < 1200; i++) {
            int version = i / 100;
            if (i % 100 == 0 && compensated) {
                drift.moved(memory(version), version);
            }
            drift.add(new Row("image-" + i, version, turned(point(i, false), version)), i + 1);
        }
        return drift.changes();
    }

    private static List<Row> memory(int version) {
        return IntStream.range(0, 90)
                .mapToObj(i -> new Row("memory-" + i, version, turned(point(10_000 + i, false), version)))
                .toList();
    }

    @Test
    void anEmbeddingOfAVersionInBetweenGoesWhatIsLeftOfTheWay() {
        EmbeddingDrift drift = drift();
        float[] start = unit(new float[] {1, 0, 0, 0, 0, 0});
        float[] end = unit(new float[] {0, 1, 0, 0, 0, 0});
        drift.moved(List.of(new Row("probe", 0, start)), 0);
        drift.add(new Row("at the start", 0, start), 1);
        drift.add(new Row("half of the way", 5, start), 2);
        drift.add(new Row("at the end", 10, start), 3);
        drift.moved(List.of(new Row("probe", 10, end)), 10);

        List<Row> rows = drift.state().newest();
        assertThat(boxed(rows.get(0).embedding())).isEqualTo(boxed(end));
        assertThat(rows.get(1).embedding()[0]).isCloseTo((float) Math.sqrt(0.5), within(1e-6f));
        assertThat(boxed(rows.get(2).embedding())).isEqualTo(boxed(start));
        assertThat(rows).extracting(Row::version).containsOnly(10L);
    }

    @Test
    void goesOnFromItsStateAsIfItHadNeverStopped() {
        EmbeddingDrift whole = drift();
        EmbeddingDrift parts = drift();
        for (int i = 0; i < 1200; i++) {
            int version = i / 100;
            if (i % 100 == 0) {
                whole.moved(memory(version), version);
                parts.moved(memory(version), version);
            }
            Row row = new Row("image-" + i, version, turned(point(i, i > 600), version));
            Optional<Change> found = whole.add(row, i + 1);
            assertThat(parts.add(row, i + 1)).isEqualTo(found);
            if (i % 7 == 0) {
                parts = new EmbeddingDrift(OPTIONS, 3, parts.state());
            }
            assertThat(parts.state()).isEqualTo(whole.state());
        }
        assertThat(whole.changes()).isPositive();
    }

    @Test
    void nothingIsLeftOfAnImageThatIsForgotten() {
        EmbeddingDrift drift = drift();
        for (int i = 0; i < 110; i++) {
            drift.add(new Row("image-" + i, 0, point(i, false)), i + 1);
        }
        drift.moved(List.of(new Row("image-0", 0, point(0, false)), new Row("image-109", 0, point(109, false))), 0);

        for (String id : List.of("image-0", "image-109")) {
            drift.forget(id);
        }
        State left = drift.state();
        assertThat(left.probes()).isEmpty();
        assertThat(left.reference()).hasSize(49).noneMatch(row -> row.id().equals("image-0"));
        assertThat(left.newest()).hasSize(59).noneMatch(row -> row.id().equals("image-109"));
    }

    @Test
    void withAThresholdOfZeroNothingIsKept() {
        EmbeddingDrift drift = new EmbeddingDrift(new DriftOptions(0.002, 0, 60), 3, State.NONE);
        drift.moved(memory(0), 0);
        for (int i = 0; i < 500; i++) {
            assertThat(drift.add(new Row("image-" + i, 0, point(i, i > 200)), i + 1))
                    .isEmpty();
        }
        assertThat(drift.state()).isEqualTo(State.NONE);
    }
}
