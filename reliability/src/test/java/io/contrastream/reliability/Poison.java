package io.contrastream.reliability;

import io.contrastream.operators.decode.ImageFormat;
import io.contrastream.operators.decode.RejectReason;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * A stream of records that no one should send: odd images that must be learned, records that must be rejected, each with its
 * reason, and damaged ones that may be either. Every kind is in it; the n-th record is a function of the seed and n.
 */
final class Poison {

    /** Largest image that the job is to be told to take. */
    static final int MOST_BYTES = 1 << 20;

    private static final String LEARNED = "learned";
    private static final String FORGOTTEN = "forgotten";
    private static final String EITHER = "";
    private static final int RARE = 1;
    private static final int USUAL = 8;
    private static final int OFTEN = 60;
    private static final int LABELS = 10;

    private final long seed;
    private final List<Kind> kinds = new ArrayList<>();
    private final int[] wheel;

    private final byte[][] pngs;
    private final byte[][] jpegs;

    Poison(long seed) {
        this.seed = seed;
        pngs = IntStream.range(0, 16)
                .mapToObj(i -> png(BufferedImage.TYPE_INT_RGB, i))
                .toArray(byte[][]::new);
        jpegs = IntStream.range(0, 16)
                .mapToObj(i -> OddImages.written(rgb(i), "jpeg", i % 2 == 1))
                .toArray(byte[][]::new);
        goodImages();
        goodFields();
        badImages();
        badRecords();
        damaged();
        wheel = IntStream.range(0, kinds.size())
                .flatMap(kind -> IntStream.range(0, kinds.get(kind).weight).map(i -> kind))
                .toArray();
    }

    /** Names of all kinds. */
    List<String> kinds() {
        return kinds.stream().map(Kind::name).toList();
    }

    /** The n-th record. The first ones are one of each kind. */
    Sent record(int n) {
        Random random = new Random(seed * 1_000_003 + n);
        Kind kind = kinds.get(n < kinds.size() ? n : wheel[random.nextInt(wheel.length)]);
        byte[] key = random.nextInt(10) == 0 ? null : ("key-" + n).getBytes(StandardCharsets.UTF_8);
        byte[] value = kind.value.apply("image-" + n, random);
        String fate = value == null && key == null ? RejectReason.TOMBSTONE.code() : kind.fate;
        return new Sent(kind.name, key, value, fate);
    }

    private void goodImages() {
        learned("PNG", OFTEN, pngs);
        learned("JPEG", OFTEN, jpegs);
        learned("interlaced PNG", USUAL, OddImages.written(rgb(20), "png", true));
        learned("palette PNG", USUAL, png(BufferedImage.TYPE_BYTE_INDEXED, 21));
        learned("one-bit PNG", USUAL, png(BufferedImage.TYPE_BYTE_BINARY, 22));
        learned("grey PNG", USUAL, png(BufferedImage.TYPE_BYTE_GRAY, 23));
        learned("16-bit PNG", USUAL, png(BufferedImage.TYPE_USHORT_GRAY, 24));
        learned("PNG with alpha", USUAL, png(BufferedImage.TYPE_INT_ARGB, 25));
        learned("animated PNG", USUAL, OddImages.animatedPng(pngs[0]));
        learned("PNG with a text of 100 MB", USUAL, OddImages.pngWithText(pngs[1], 100_000_000));
        learned("CMYK", USUAL, OddImages.cmyk(new Random(30)));
        learned("GIF", USUAL, OddImages.written(rgb(31), "gif", false));
        learned("BMP", USUAL, OddImages.written(rgb(32), "bmp", false));
        learned("TIFF", USUAL, OddImages.written(rgb(33), "tiff", false));
        learned("PNG of 24 million pixels", RARE, OddImages.blackPng(4_900));
        add("raw pixels", USUAL, LEARNED, (id, random) -> raw(id, new byte[3 * 7 * 5], 7, 5));
    }

    private void goodFields() {
        for (String time : List.of("-999999999-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "+10000-01-01T00:00:00Z")) {
            Instant instant = time.startsWith("-9") ? Instant.ofEpochMilli(Long.MIN_VALUE) : Instant.parse(time);
            field("event time " + time, LEARNED, image -> image.setEventTime(instant));
        }
        field(
                "event time at the end of all",
                LEARNED,
                image -> image.setEventTime(Instant.ofEpochMilli(Long.MAX_VALUE)));
        field("an id again and again", LEARNED, image -> image.setId("again"));
        field("an id of control characters", LEARNED, image -> image.setId("\0\n\u202e\"'<script>"));
        field("a label of 256 characters beyond 16 bits", LEARNED, image -> image.setLabel("\uD83D\uDC31".repeat(256)));
        field(
                "attributes that are no number",
                LEARNED,
                image -> image.setAttributes(Map.of("weight", "NaN", "", "", "x", "-Infinity")));
        field("an attribute of 1 MB", LEARNED, image -> image.setAttributes(Map.of("x", "a".repeat(1_000_000))));
    }

    private void badImages() {
        byte[] png = pngs[2];
        byte[] jpeg = jpegs[2];
        image(
                "lossless JPEG",
                ImageEncoding.JPEG,
                RejectReason.UNSUPPORTED_IMAGE,
                OddImages.withFrame(jpeg, 0xC3, -1, -1));
        image(
                "JPEG of 2000 scans",
                ImageEncoding.JPEG,
                RejectReason.UNSUPPORTED_IMAGE,
                OddImages.withScans(jpegs[3], 2000));
        image(
                "huge JPEG",
                ImageEncoding.JPEG,
                RejectReason.TOO_MANY_PIXELS,
                OddImages.withFrame(jpeg, -1, 65_500, 65_500));
        image(
                "huge PNG",
                ImageEncoding.PNG,
                RejectReason.TOO_MANY_PIXELS,
                OddImages.pngThatClaims(Integer.MAX_VALUE, Integer.MAX_VALUE));
        image("tall PNG", ImageEncoding.PNG, RejectReason.TOO_MANY_PIXELS, OddImages.pngThatClaims(1, 20_000_000));
        image(
                "PNG without its end",
                ImageEncoding.PNG,
                RejectReason.TRUNCATED_IMAGE,
                Arrays.copyOf(png, png.length - 9));
        image(
                "JPEG without its end",
                ImageEncoding.JPEG,
                RejectReason.TRUNCATED_IMAGE,
                Arrays.copyOf(jpeg, jpeg.length - 2));
        byte[] wrong = png.clone();
        wrong[wrong.length - 20] ^= 1;
        image("PNG with a wrong check sum", ImageEncoding.PNG, RejectReason.CORRUPT_IMAGE, wrong);
        image(
                "GIF said to be PNG",
                ImageEncoding.PNG,
                RejectReason.ENCODING_MISMATCH,
                OddImages.written(rgb(31), "gif", false));
        image(
                "PNG with 100 MB behind its pixels",
                ImageEncoding.PNG,
                RejectReason.CORRUPT_IMAGE,
                OddImages.pngWithMorePixelData(100_000_000));
        image("JPEG said to be PNG", ImageEncoding.PNG, RejectReason.ENCODING_MISMATCH, jpeg);
        image("no image", ImageEncoding.PNG, RejectReason.EMPTY_IMAGE, new byte[0]);
        add(
                "image of too many bytes",
                RARE,
                RejectReason.IMAGE_TOO_LARGE.code(),
                (id, random) -> encoded(id, random, new byte[MOST_BYTES + 1], ImageEncoding.PNG));
        add(
                "raw pixels of another size",
                USUAL,
                RejectReason.INVALID_SIZE.code(),
                (id, random) -> raw(id, new byte[3], 7, 5));
        add(
                "raw pixels of no size",
                USUAL,
                RejectReason.INVALID_SIZE.code(),
                (id, random) -> raw(id, new byte[3], null, -5));
        add(
                "raw pixels of the largest size",
                USUAL,
                RejectReason.TOO_MANY_PIXELS.code(),
                (id, random) -> raw(id, new byte[3], Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    private void badRecords() {
        add("tombstone of an image that never was, or of none", USUAL, FORGOTTEN, (id, random) -> null);
        add("no bytes", USUAL, RejectReason.EMPTY_PAYLOAD.code(), (id, random) -> new byte[0]);
        add(
                "text",
                USUAL,
                RejectReason.UNKNOWN_FORMAT.code(),
                (id, random) -> "an image, honestly".getBytes(StandardCharsets.UTF_8));
        add(
                "record of another topic",
                USUAL,
                RejectReason.WRONG_RECORD_TYPE.code(),
                (id, random) -> SingleObject.encode(embedding(id)));
        add("record of an unknown schema", USUAL, RejectReason.UNKNOWN_SCHEMA.code(), (id, random) -> {
            byte[] record = good(id, random);
            record[5] ^= 1; // within the fingerprint
            return record;
        });
        add("record that is cut off", USUAL, RejectReason.MALFORMED_RECORD.code(), (id, random) -> {
            byte[] record = good(id, random);
            return Arrays.copyOf(record, record.length - 3);
        });
        field("a label of white space", RejectReason.INVALID_LABEL.code(), image -> image.setLabel(" \t\u00a0"));
        field("no label", RejectReason.INVALID_LABEL.code(), image -> image.setLabel(""));
        field("a label of 257 characters", RejectReason.INVALID_LABEL.code(), image -> image.setLabel("l".repeat(257)));
        field("no id", RejectReason.INVALID_ID.code(), image -> image.setId(""));
        field("an id of 1 MB", RejectReason.INVALID_ID.code(), image -> image.setId("i".repeat(1_000_000)));
        add("a label of 1 MB", RARE, RejectReason.INVALID_LABEL.code(), (id, random) -> {
            LabelledImage image = image(id, random, pngs[0], ImageEncoding.PNG);
            image.setLabel("l".repeat(1_000_000));
            return SingleObject.encode(image);
        });
    }

    private void damaged() {
        add("damaged record", 3 * OFTEN, EITHER, (id, random) -> OddImages.damaged(good(id, random), random));
        add(
                "damaged PNG",
                OFTEN,
                EITHER,
                (id, random) -> encoded(id, random, OddImages.damaged(any(pngs, random), random), ImageEncoding.PNG));
        add(
                "damaged PNG with right check sums",
                2 * OFTEN,
                EITHER,
                (id, random) -> encoded(
                        id,
                        random,
                        OddImages.withCheckSums(OddImages.damaged(any(pngs, random), random)),
                        ImageEncoding.PNG));
        add(
                "damaged JPEG",
                3 * OFTEN,
                EITHER,
                (id, random) -> encoded(id, random, OddImages.damaged(any(jpegs, random), random), ImageEncoding.JPEG));
        for (String format : List.of("gif", "bmp", "tiff")) {
            byte[] whole = OddImages.written(rgb(34), format, false);
            ImageEncoding encoding = ImageFormat.of(whole).orElseThrow().encoding();
            add(
                    "damaged " + encoding,
                    OFTEN,
                    EITHER,
                    (id, random) -> encoded(id, random, OddImages.damaged(whole, random), encoding));
        }
    }

    private void learned(String name, int weight, byte[]... images) {
        add(name, weight, LEARNED, (id, random) -> {
            byte[] image = any(images, random);
            return encoded(
                    id, random, image, ImageFormat.of(image).orElseThrow().encoding());
        });
    }

    private void image(String name, ImageEncoding encoding, RejectReason reason, byte[] image) {
        add(name, USUAL, reason.code(), (id, random) -> encoded(id, random, image, encoding));
    }

    private void field(String name, String fate, java.util.function.Consumer<LabelledImage> change) {
        add(name, name.endsWith("MB") ? RARE : USUAL, fate, (id, random) -> {
            LabelledImage image = image(id, random, any(pngs, random), ImageEncoding.PNG);
            change.accept(image);
            return SingleObject.encode(image);
        });
    }

    private void add(String name, int weight, String fate, BiFunction<String, Random, byte[]> value) {
        kinds.add(new Kind(name, weight, fate, value));
    }

    private byte[] good(String id, Random random) {
        return encoded(id, random, any(pngs, random), ImageEncoding.PNG);
    }

    private static byte[] encoded(String id, Random random, byte[] image, ImageEncoding encoding) {
        return SingleObject.encode(image(id, random, image, encoding));
    }

    private static LabelledImage image(String id, Random random, byte[] image, ImageEncoding encoding) {
        return new LabelledImage(
                id,
                "label-" + random.nextInt(LABELS),
                ByteBuffer.wrap(image),
                encoding,
                null,
                null,
                Instant.EPOCH,
                Map.of(),
                List.of());
    }

    private static byte[] raw(String id, byte[] pixels, Integer width, Integer height) {
        LabelledImage image = image(id, new Random(0), pixels, ImageEncoding.RAW_PLANAR_RGB8);
        image.setWidth(width);
        image.setHeight(height);
        return SingleObject.encode(image);
    }

    private static Embedding embedding(String id) {
        return Embedding.newBuilder()
                .setId(id)
                .setVector(List.of(1f))
                .setEncoderVersion(0)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build();
    }

    private static byte[] any(byte[][] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    private static BufferedImage rgb(int seed) {
        return OddImages.image(new Random(seed), BufferedImage.TYPE_INT_RGB);
    }

    private static byte[] png(int type, int seed) {
        return OddImages.written(OddImages.image(new Random(seed), type), "png", false);
    }

    private record Kind(String name, int weight, String fate, BiFunction<String, Random, byte[]> value) {}

    /**
     * A record.
     *
     * @param kind its name
     * @param key may be null
     * @param value may be null
     * @param fate {@code learned}, {@code forgotten}, the code of the reason for which it must be rejected, or empty if either is right
     */
    record Sent(String kind, byte[] key, byte[] value, String fate) {

        boolean mustBeLearned() {
            return fate.equals(LEARNED);
        }

        boolean mustBeForgotten() {
            return fate.equals(FORGOTTEN);
        }

        boolean mustBeRejected() {
            return !fate.isEmpty() && !mustBeLearned() && !mustBeForgotten();
        }
    }
}
