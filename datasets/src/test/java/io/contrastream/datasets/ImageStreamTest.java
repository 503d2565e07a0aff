package io.contrastream.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ImageStreamTest {

    private static final FakeSource TEN_OF_500 = sameSizes(10, 500);

    @Test
    void everyImageComesOnceAndNoneIsLost() {
        ImageStream stream = ImageStream.of(TEN_OF_500, 10, 5000, 1);

        assertThat(stream.size()).isEqualTo(5000);
        assertThat(ids(stream)).doesNotHaveDuplicates();
        assertThat(countByLabel(stream, 0, 5000).values()).containsOnly(500);
    }

    @Test
    void classesComeTwoAtATimeAndAreMixedInTheEnd() {
        ImageStream stream = ImageStream.of(TEN_OF_500, 0, 3000, 1);

        assertThat(stream.stages()).isEqualTo(5);
        Set<String> known = new HashSet<>();
        for (int stage = 1; stage <= 5; stage++) {
            Map<String, Integer> counts = countByLabel(stream, start(stream, stage), start(stream, stage + 1));
            Set<String> fresh = new HashSet<>(counts.keySet());
            fresh.removeAll(known);
            assertThat(fresh).hasSize(2);
            if (stage > 1) {
                int all = counts.values().stream().mapToInt(Integer::intValue).sum();
                int old = known.stream()
                        .mapToInt(label -> counts.getOrDefault(label, 0))
                        .sum();
                assertThat((double) old / all).isBetween(0.2, 0.3);
            }
            known.addAll(fresh);
        }
        Map<String, Integer> closing = countByLabel(stream, start(stream, 6), 3000);
        assertThat(closing).hasSize(10);
        assertThat(closing.values()).containsOnly(30);
    }

    @Test
    void oldClassesKeepComingBack() {
        ImageStream stream = ImageStream.of(TEN_OF_500, 0, 0, 1);
        String first = stream.label(0);

        for (int stage = 2; stage <= stream.stages(); stage++) {
            assertThat(countByLabel(stream, start(stream, stage), start(stream, stage + 1)))
                    .as("stage %d", stage)
                    .containsKey(first);
        }
    }

    @Test
    void aHundredClassesComeInTenStages() {
        assertThat(ImageStream.of(sameSizes(100, 10), 0, 0, 1).stages()).isEqualTo(10);
    }

    @Test
    void theOrderDependsOnTheSeedAlone() {
        assertThat(ids(ImageStream.of(TEN_OF_500, 10, 1000, 1)))
                .isEqualTo(ids(ImageStream.of(TEN_OF_500, 10, 1000, 1)));
        assertThat(ids(ImageStream.of(TEN_OF_500, 10, 1000, 1)))
                .isNotEqualTo(ids(ImageStream.of(TEN_OF_500, 10, 1000, 2)));
    }

    @Test
    void aLimitTakesAsEvenlyAsTheClassesAllow() {
        ImageStream stream = ImageStream.of(new FakeSource(3, 100, 100), 0, 43, 1);

        assertThat(countByLabel(stream, 0, 43)).isEqualTo(Map.of("class 0", 3, "class 1", 20, "class 2", 20));
    }

    @Test
    void oneImageAClassIsEnough() {
        assertThat(ids(ImageStream.of(sameSizes(5, 1), 0, 0, 1))).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void whatTheDataSetDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> ImageStream.of(TEN_OF_500, 11, 0, 1))
                .isInstanceOf(ImageSourceException.class)
                .hasMessage("classes must be in [1, 10] for fake (0 for all), but is 11");
        assertThatThrownBy(() -> ImageStream.of(TEN_OF_500, 10, 9, 1))
                .isInstanceOf(ImageSourceException.class)
                .hasMessage("limit must be at least the number of classes, 10 (0 for all images), but is 9");
    }

    private static FakeSource sameSizes(int classes, int size) {
        int[] sizes = new int[classes];
        Arrays.fill(sizes, size);
        return new FakeSource(sizes);
    }

    private static int start(ImageStream stream, int stage) {
        int position = 0;
        while (position < stream.size() && stream.stage(position) < stage) {
            position++;
        }
        return position;
    }

    private static Map<String, Integer> countByLabel(ImageStream stream, int start, int end) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int position = start; position < end; position++) {
            counts.merge(stream.label(position), 1, Integer::sum);
        }
        return counts;
    }

    private static List<String> ids(ImageStream stream) {
        List<String> ids = new ArrayList<>();
        for (int position = 0; position < stream.size(); position++) {
            ids.add(stream.image(position).id());
        }
        return ids;
    }
}
