package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EmbeddingShiftTest {

    private static final int DIMENSIONS = 6;

    private static float[] embeddings(int n, long seed) {
        RandomStream random = RandomStream.of(seed, Purpose.GENERATE, 0, 0);
        float[] rows = new float[n * DIMENSIONS];
        for (int i = 0; i < n; i++) {
            double squares = 0;
            double[] row = new double[DIMENSIONS];
            for (int k = 0; k < DIMENSIONS; k++) {
                row[k] = random.nextGaussian();
                squares += row[k] * row[k];
            }
            for (int k = 0; k < DIMENSIONS; k++) {
                rows[i * DIMENSIONS + k] = (float) (row[k] / Math.sqrt(squares));
            }
        }
        return rows;
    }

    @Test
    void aSpaceThatHasNotMovedIsItself() {
        float[] rows = embeddings(30, 1);

        EmbeddingShift shift = EmbeddingShift.between(rows, rows.clone(), DIMENSIONS);

        assertThat(shift.cosine()).isCloseTo(1, within(1e-6));
        assertThat(shift.neighbourOverlap()).isEqualTo(1);
    }

    @Test
    void aSpaceThatHasTurnedAsAWholeKeepsItsNeighbours() {
        float[] rows = embeddings(30, 1);
        float[] turned = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            turned[i] = -rows[i];
        }

        EmbeddingShift shift = EmbeddingShift.between(rows, turned, DIMENSIONS);

        assertThat(shift.cosine()).isCloseTo(-1, within(1e-6));
        assertThat(shift.neighbourOverlap()).isEqualTo(1);
    }

    @Test
    void unrelatedSpacesShareAsManyNeighboursAsChanceHas() {
        EmbeddingShift shift = EmbeddingShift.between(embeddings(200, 1), embeddings(200, 2), DIMENSIONS);

        assertThat(shift.cosine()).isCloseTo(0, within(0.1));
        assertThat(shift.neighbourOverlap()).isCloseTo(10 / 199.0, within(0.02));
    }

    @Test
    void theOverlapIsThatOfSortedLists() {
        float[] before = embeddings(40, 3);
        float[] after = embeddings(40, 4);
        System.arraycopy(before, 0, after, 0, before.length / 2); // half of the images have not moved

        double shared = 0;
        for (int i = 0; i < 40; i++) {
            Set<Integer> common = new HashSet<>(slowNeighbours(before, i));
            common.retainAll(slowNeighbours(after, i));
            shared += common.size();
        }

        assertThat(EmbeddingShift.between(before, after, DIMENSIONS).neighbourOverlap())
                .isCloseTo(shared / 400, within(1e-12))
                .isBetween(0.2, 0.9);
    }

    private static List<Integer> slowNeighbours(float[] rows, int i) {
        return IntStream.range(0, rows.length / DIMENSIONS)
                .filter(j -> j != i)
                .boxed()
                .sorted((a, b) -> Double.compare(cosine(rows, i, b), cosine(rows, i, a)))
                .limit(10)
                .toList();
    }

    private static double cosine(float[] rows, int i, int j) {
        return IntStream.range(0, DIMENSIONS)
                .mapToDouble(k -> (double) rows[i * DIMENSIONS + k] * rows[j * DIMENSIONS + k])
                .sum();
    }

    @Test
    void ofFewImagesAllOthersAreNeighbours() {
        assertThat(EmbeddingShift.between(embeddings(4, 1), embeddings(4, 2), DIMENSIONS)
                        .neighbourOverlap())
                .isEqualTo(1);
    }

    @Test
    void otherImagesAreRefused() {
        assertThatThrownBy(() -> EmbeddingShift.between(embeddings(4, 1), embeddings(5, 2), DIMENSIONS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("have 24 and 30 values");
        assertThatThrownBy(() -> EmbeddingShift.between(embeddings(1, 1), embeddings(1, 2), DIMENSIONS))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
