package io.contrastream.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.schemas.ClassPrototype;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrototypesTest {

    private static final int SIZE = 24;
    private static final int CLASSES = 40;

    private static ClassPrototype prototype(String label, Float... vector) {
        return new ClassPrototype(label, List.of(vector), 1, 0.9f, 1L, Instant.EPOCH);
    }

    /** Rows of length 1: [n, D]. */
    private static float[] units(int n, long seed) {
        Random random = new Random(seed);
        float[] rows = new float[n * SIZE];
        for (int row = 0; row < n; row++) {
            double squares = 0;
            double[] drawn = random.doubles(SIZE, -1, 1).toArray();
            for (double component : drawn) {
                squares += component * component;
            }
            for (int k = 0; k < SIZE; k++) {
                rows[row * SIZE + k] = (float) (drawn[k] / Math.sqrt(squares));
            }
        }
        return rows;
    }

    private static double cosine(float[] prototypes, int c, float[] embeddings, int row) {
        double sum = 0;
        for (int k = 0; k < SIZE; k++) {
            sum += (double) prototypes[c * SIZE + k] * embeddings[row * SIZE + k];
        }
        return sum;
    }

    /** The twin sorts all cosines in double precision. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 16, CLASSES, 100})
    void theNearestAreThoseThatSortingAllGives(int most) {
        float[] vectors = units(CLASSES, 1);
        float[] rows = units(200, 2);
        List<ClassPrototype> released = new ArrayList<>();
        for (int c = 0; c < CLASSES; c++) {
            Float[] vector = new Float[SIZE];
            for (int k = 0; k < SIZE; k++) {
                vector[k] = vectors[c * SIZE + k];
            }
            released.add(prototype("class-" + c, vector));
        }
        Prototypes prototypes = new Prototypes(released, SIZE);

        for (int row = 0; row < 200; row++) {
            int each = row;
            List<Integer> order = IntStream.range(0, CLASSES)
                    .boxed()
                    .sorted(Comparator.comparingDouble(c -> -cosine(vectors, c, rows, each)))
                    .limit(most)
                    .toList();

            Nearest nearest = prototypes.nearest(rows, row * SIZE, most);

            assertThat(nearest.prototypes())
                    .extracting(Nearest.Similar::label)
                    .isEqualTo(order.stream().map(c -> "class-" + c).toList());
            for (int i = 0; i < order.size(); i++) {
                assertThat((double) nearest.prototypes().get(i).similarity())
                        .isCloseTo(cosine(vectors, order.get(i), rows, row), within(1e-6));
            }
            assertThat(nearest.first()).isEqualTo(nearest.prototypes().get(0));
            assertThat(nearest.further()).hasSize(order.size() - 1);
            assertThat(nearest.strangeness())
                    .as("of the image, however many are named")
                    .isEqualTo(prototypes.nearest(rows, row * SIZE, 1).strangeness());
        }
    }

    @Test
    void ofThoseThatAreEquallySimilarTheFirstInTheReleaseComesFirst() {
        Prototypes prototypes = new Prototypes(
                List.of(
                        prototype("far", -1f, 0f),
                        prototype("b", 0.6f, 0.8f),
                        prototype("a", 0.6f, -0.8f),
                        prototype("c", 0.6f, 0.8f),
                        prototype("near", 1f, 0f)),
                2);
        float[] row = {1, 0};

        assertThat(prototypes.nearest(row, 0, 3).prototypes())
                .containsExactly(
                        new Nearest.Similar("near", 1), new Nearest.Similar("b", 0.6f), new Nearest.Similar("a", 0.6f));
        assertThat(prototypes.nearest(row, 0, 9).prototypes())
                .extracting(Nearest.Similar::label)
                .containsExactly("near", "b", "a", "c", "far");
    }

    @Test
    void aSimilarityIsAtMostOneWhateverRoundingMakesOfIt() {
        Prototypes prototypes = new Prototypes(List.of(prototype("up", 1.001f, 0f), prototype("down", -1.001f, 0f)), 2);

        assertThat(prototypes.nearest(new float[] {1, 0}, 0, 2).prototypes())
                .containsExactly(new Nearest.Similar("up", 1), new Nearest.Similar("down", -1));
    }

    @Test
    void withoutPrototypesThereIsNone() {
        assertThat(new Prototypes(List.of(), 2).nearest(new float[] {1, 0}, 0, 3))
                .isNull();
    }
}
