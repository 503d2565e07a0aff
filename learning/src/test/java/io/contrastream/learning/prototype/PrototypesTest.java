package io.contrastream.learning.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.prototype.Prototypes.Nearest;
import org.junit.jupiter.api.Test;

class PrototypesTest {

    private static final float[] EMBEDDINGS = { // rows of length 1
        1, 0, 0, 0.6f, 0.8f, 0, 0, 0, 1,
    };

    @Test
    void aPrototypeIsTheMeanOfItsClassScaledToLengthOne() {
        Prototypes prototypes = new Prototypes(3);
        prototypes.add(2, EMBEDDINGS, 0);
        prototypes.add(2, EMBEDDINGS, 1);

        assertThat(prototypes.vector(2)).containsExactly(new float[] {0.894427f, 0.447214f, 0}, within(1e-6f));
        assertThat(prototypes.support(2)).isEqualTo(2);
        // mean cosine similarity of the two: both 0.894427
        assertThat(prototypes.dispersion(2)).isCloseTo(0.894427f, within(1e-6f));
        assertThat(prototypes.vector(0)).isNull();
        assertThat(prototypes.support(5)).isZero();
    }

    @Test
    void theNearestIsTheOneOfHighestCosineAndOfEqualsTheFirst() {
        Prototypes prototypes = new Prototypes(3);
        assertThat(prototypes.nearest(EMBEDDINGS, 0)).isNull();
        prototypes.add(3, EMBEDDINGS, 2);
        prototypes.add(1, EMBEDDINGS, 0);
        prototypes.add(2, EMBEDDINGS, 0);

        assertThat(prototypes.nearest(EMBEDDINGS, 1)).isEqualTo(new Nearest(1, 0.6f));
        assertThat(prototypes.nearest(EMBEDDINGS, 2)).isEqualTo(new Nearest(3, 1));
    }

    @Test
    void anImageThatGoesLeavesTheMeanAndTheLastOneTakesThePrototypeAlong() {
        Prototypes prototypes = new Prototypes(3);
        prototypes.add(0, EMBEDDINGS, 0);
        prototypes.add(0, EMBEDDINGS, 1);
        float[] before = prototypes.vector(0);

        prototypes.remove(0);
        assertThat(prototypes.vector(0)).isEqualTo(before);
        assertThat(prototypes.support(0)).isEqualTo(1);

        prototypes.remove(0);
        assertThat(prototypes.vector(0)).isNull();
        assertThat(prototypes.nearest(EMBEDDINGS, 0)).isNull();

        prototypes.add(0, EMBEDDINGS, 2);
        assertThat(prototypes.vector(0)).containsExactly(0, 0, 1);
    }

    @Test
    void embeddingsThatCancelOutGiveNoPrototype() {
        Prototypes prototypes = new Prototypes(2);
        prototypes.add(0, new float[] {1, 0, -1, 0}, 0);
        prototypes.add(0, new float[] {1, 0, -1, 0}, 1);
        assertThat(prototypes.vector(0)).isNull();
        assertThat(prototypes.support(0)).isEqualTo(2);
    }

    @Test
    void restoredOnesGoOnAsTheOriginals() {
        Prototypes original = new Prototypes(3);
        original.add(0, EMBEDDINGS, 0);
        original.add(0, EMBEDDINGS, 1);
        original.add(1, EMBEDDINGS, 2);
        original.remove(0);
        Prototypes restored = new Prototypes(3);
        for (int label = 0; label < 2; label++) {
            restored.restore(label, original.mean(label), original.support(label));
        }

        original.add(0, EMBEDDINGS, 2);
        restored.add(0, EMBEDDINGS, 2);

        assertThat(restored.vector(0)).isEqualTo(original.vector(0));
        assertThat(restored.vector(1)).isEqualTo(original.vector(1));
        assertThat(restored.mean(0)).isEqualTo(original.mean(0));
    }
}
