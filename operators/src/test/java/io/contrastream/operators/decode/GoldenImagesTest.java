package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.contrastream.learning.image.ImageShape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Images of every kind against what Pillow reads from them; {@code golden_images.py} has made both. */
class GoldenImagesTest {

    private static final Map<String, byte[]> FILES = GoldenImages.files();

    private static Pixels read(String name, Reading reading) throws Rejection {
        byte[] image = FILES.get(name);
        DecodeOptions options = new DecodeOptions(new ImageShape(3, 8, 8), 1 << 20, 1 << 20, 64, reading);
        return new ImageDecoder(options)
                .decode(EncodedImage.of(
                        Images.record(image, ImageFormat.of(image).orElseThrow().encoding())));
    }

    private static List<String> images(String folder) {
        return FILES.keySet().stream()
                .filter(name -> !name.endsWith(".rgb") && !name.endsWith(".upright"))
                .filter(name -> folder.isEmpty() ? !name.contains("/") : name.startsWith(folder))
                .toList();
    }

    @Test
    void everyImageIsReadAsPillowReadsIt() {
        List<String> wrong = new ArrayList<>();
        List<String> names = images("").stream()
                .filter(name -> FILES.containsKey(name + ".rgb"))
                .toList();

        for (String name : names) {
            compare(name, Reading.STORED, FILES.get(name + ".rgb"), wrong);
        }

        assertThat(wrong).isEmpty();
        assertThat(names).hasSizeGreaterThan(400);
    }

    @Test
    void everyImageIsShownUprightAndOnWhiteAsAViewerShowsIt() {
        List<String> wrong = new ArrayList<>();
        int different = 0;
        for (String name : images("")) {
            if (FILES.containsKey(name + ".rgb")) {
                byte[] seen = FILES.getOrDefault(name + ".upright", FILES.get(name + ".rgb"));
                different += seen == FILES.get(name + ".rgb") ? 0 : 1;
                compare(name, Reading.USUAL, seen, wrong);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(different).isGreaterThan(50);
    }

    @Test
    void anImageThatIsCutOffIsRejectedOrReadAsFarAsPillowReadsIt() {
        List<String> wrong = new ArrayList<>();
        List<String> names = images("truncated/");

        for (String name : names) {
            Rejection rejection = catchThrowableOfType(Rejection.class, () -> read(name, Reading.STORED));
            if (rejection == null || rejection.reason() != RejectReason.TRUNCATED_IMAGE) {
                wrong.add(name + " is not rejected as cut off, but: " + rejection);
            }
            compare(name, new Reading(false, false, 0, true), FILES.get(name + ".rgb"), wrong);
        }

        assertThat(wrong).isEmpty();
        assertThat(names).hasSizeGreaterThan(10);
    }

    @Test
    void aKindThatIsNotReadIsRejectedByItsName() {
        for (String name : images("refused/")) {
            Rejection rejection = catchThrowableOfType(Rejection.class, () -> read(name, Reading.USUAL));

            assertThat(rejection).as(name).isNotNull();
            assertThat(rejection.reason()).as(name).isEqualTo(RejectReason.UNSUPPORTED_IMAGE);
            assertThat(rejection.getMessage()).as(name).contains("supported");
        }
        assertThat(images("refused/")).hasSizeGreaterThan(5);
    }

    private static void compare(String name, Reading reading, byte[] golden, List<String> wrong) {
        try {
            Pixels pixels = read(name, reading);
            ByteBuffer expected = ByteBuffer.wrap(golden);
            int width = expected.getShort();
            int height = expected.getShort();
            if (pixels.shape().width() != width || pixels.shape().height() != height) {
                wrong.add("%s is %d x %d, not %d x %d"
                        .formatted(name, pixels.shape().width(), pixels.shape().height(), width, height));
                return;
            }
            int largest = 0;
            int count = 0;
            for (byte pixel : pixels.planar()) {
                int difference = Math.abs((pixel & 0xFF) - (expected.get() & 0xFF));
                largest = Math.max(largest, difference);
                count += difference > 0 ? 1 : 0;
            }
            if (count > 0) {
                wrong.add("%s differs in %d of %d samples by up to %d"
                        .formatted(name, count, pixels.planar().length, largest));
            }
        } catch (Rejection e) {
            wrong.add(name + " is rejected: " + e.reason() + ", " + e.getMessage());
        }
    }
}
