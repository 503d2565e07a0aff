package io.contrastream.jobs.learning;

import io.contrastream.operators.decode.RejectReason;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.PngBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Records that no one can learn from. */
public final class BadRecords {

    private BadRecords() {}

    /** One of every kind that a stream was ever seen to have. */
    public static List<Bad> all() {
        byte[] png = ColouredImages.png(0, new Random(1));
        byte[] large = Arrays.copyOf(png, 20_000_000);
        return List.of(
                bad("truncated PNG", image(Arrays.copyOf(png, png.length / 2)), RejectReason.TRUNCATED_IMAGE),
                bad("text", "an image, honestly".getBytes(StandardCharsets.UTF_8), RejectReason.UNKNOWN_FORMAT),
                bad("empty payload", new byte[0], RejectReason.EMPTY_PAYLOAD),
                new Bad("tombstone of nothing", null, null, RejectReason.TOMBSTONE.code()),
                bad("record of another schema", SingleObject.encode(embedding()), RejectReason.WRONG_RECORD_TYPE),
                bad("record of an unknown schema", unknownSchema(), RejectReason.UNKNOWN_SCHEMA),
                bad("record that is cut off", cutOff(), RejectReason.MALFORMED_RECORD),
                bad(
                        "PNG that claims 100,000 x 100,000",
                        image(PngBytes.of(PngBytes.header(100_000, 100_000, 8, 2))),
                        RejectReason.TOO_MANY_PIXELS),
                bad("record of 20 MB", image(large), RejectReason.IMAGE_TOO_LARGE),
                bad("20 MB of text", text(20_000_000), RejectReason.UNKNOWN_FORMAT),
                new Bad("no key either", null, new byte[] {1, 2, 3}, RejectReason.UNKNOWN_FORMAT.code()));
    }

    private static Bad bad(String what, byte[] value, RejectReason reason) {
        return new Bad(what, what.getBytes(StandardCharsets.UTF_8), value, reason.code());
    }

    private static byte[] image(byte[] bytes) {
        LabelledImage image = ColouredImages.image(0);
        image.setImage(ByteBuffer.wrap(bytes));
        return SingleObject.encode(image);
    }

    private static Embedding embedding() {
        return Embedding.newBuilder()
                .setId("x")
                .setVector(List.of(1f))
                .setEncoderVersion(0)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build();
    }

    private static byte[] unknownSchema() {
        byte[] record = SingleObject.encode(ColouredImages.image(0));
        record[5] ^= 1; // within the fingerprint
        return record;
    }

    private static byte[] cutOff() {
        byte[] record = SingleObject.encode(ColouredImages.image(0));
        return Arrays.copyOf(record, record.length - 10);
    }

    private static byte[] text(int size) {
        byte[] text = new byte[size];
        Arrays.fill(text, (byte) 'a');
        return text;
    }

    /**
     * A bad record.
     *
     * @param key may be null
     * @param value may be null
     * @param reason code with which it must be rejected
     */
    public record Bad(String what, byte[] key, byte[] value, String reason) {}
}
