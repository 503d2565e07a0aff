package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrequentialTest {

    /** Class and whether it was predicted rightly, such as {@code "0- 0+"}. */
    private static Prequential of(String images) {
        Prequential prequential = new Prequential();
        for (String image : images.split(" ", -1)) {
            prequential.add(image.charAt(0) - '0', image.charAt(1) == '+');
        }
        return prequential;
    }

    @Test
    void accuraciesAreSharesOfTheStreamAndOfItsClassesAndWindows() {
        Prequential prequential = of("0- 0+ 1- 0+ 1+");

        assertThat(prequential.accuracy()).hasValue(0.6);
        assertThat(prequential.accuracy(0)).hasValue(2.0 / 3);
        assertThat(prequential.accuracy(1)).hasValue(0.5);
        assertThat(prequential.accuracy(2)).isEmpty();
        assertThat(prequential.windows(2)).containsExactly(0.5, 0.5, 1.0);
        assertThat(prequential.newest(2)).hasValue(1);
        assertThat(prequential.newest(9)).hasValue(0.6);
        assertThat(new Prequential().accuracy()).isEmpty();
    }

    @Test
    void aClassIsRecognisedWithItsNewestThirdAndAfterImagesOfAllClasses() {
        Prequential prequential = of("1+ 0- 0+ 1+ 0- 0+ 1+ 0+ 0-");

        assertThat(prequential.imagesUntilRecognised(0, 0.5))
                .as("right once in two")
                .hasValue(2);
        assertThat(prequential.imagesUntilRecognised(0, 0.6))
                .as("right twice in two")
                .hasValue(7);
        assertThat(prequential.imagesUntilRecognised(1, 1))
                .as("its first image")
                .hasValue(1);
        assertThat(of("0- 0- 0-").imagesUntilRecognised(0, 0.1)).isEmpty();
        assertThat(of("0+").imagesUntilRecognised(1, 0.1)).as("never there").isEmpty();
    }

    @Test
    void ofAClassWithManyImagesTenCount() {
        Prequential prequential = new Prequential();
        for (int i = 0; i < 100; i++) {
            prequential.add(0, i >= 20);
        }

        assertThat(prequential.imagesUntilRecognised(0, 0.5)).hasValue(25);
        assertThat(prequential.imagesUntilRecognised(0, 1)).hasValue(30);
    }
}
