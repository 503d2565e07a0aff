package io.contrastream.operators.learn.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MemoryShiftTest {

    private static final float[] EAST = {1, 0};
    private static final float[] NORTH = {0, 1};

    private final MemoryShift shift = new MemoryShift();
    private final List<Example> images = IntStream.range(0, 1000)
            .mapToObj(i -> new Example("image-" + i, "class", new byte[0], 0))
            .toList();

    private List<Embedded> memory(int from, int to, IntFunction<float[]> embedding) {
        return IntStream.range(from, to)
                .mapToObj(i -> new Embedded(images.get(i), "class", 1, embedding.apply(i)))
                .toList();
    }

    @Test
    void isOfTheImagesThatAreThereBothTimes() {
        assertThat(shift.to(memory(0, 10, i -> EAST))).isNull();

        // Images 5 to 9 are still there, and two of them have turned by a right angle.
        EmbeddingShift moved = shift.to(memory(5, 20, i -> i < 7 ? NORTH : EAST));

        assertThat(moved.cosine()).isCloseTo(0.6, within(1e-9));
    }

    @Test
    void isSinceTheReencodingRightBefore() {
        shift.to(memory(0, 10, i -> EAST));
        shift.to(memory(0, 10, i -> NORTH));

        assertThat(shift.to(memory(0, 10, i -> NORTH)).cosine()).isCloseTo(1, within(1e-9));
    }

    @Test
    void thereIsNoneWithoutTwoSuchImages() {
        shift.to(memory(0, 10, i -> EAST));

        assertThat(shift.to(memory(9, 20, i -> EAST))).isNull();
        assertThat(shift.to(memory(20, 30, i -> EAST))).isNull();
    }

    @Test
    void ofALargeMemoryImagesFromAllOfItAreFollowed() {
        shift.to(memory(0, 1000, i -> EAST));

        assertThat(shift.to(memory(0, 1000, i -> i < 250 ? NORTH : EAST)).cosine())
                .isCloseTo(0.75, within(1e-9));
    }
}
