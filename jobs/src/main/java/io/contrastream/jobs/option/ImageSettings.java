package io.contrastream.jobs.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Options of what is accepted as an image, and of how it is read. */
public final class ImageSettings {

    public static final Setting<MemorySize> MAX_ENCODED_SIZE = new Setting<>(
            key("image.max-encoded-size")
                    .memoryType()
                    .defaultValue(MemorySize.parse("10 mb"))
                    .withDescription(
                            "Largest encoded image that is decoded; larger ones are rejected. The topic must take as"
                                    + " much: topics create sets its max.message.bytes (--max-message-size), and the job warns"
                                    + " at its start if that is less. Producers need a max.request.size to match."),
            Allowed.sizeIn("1 kb", "1 gb"));

    public static final Setting<Long> MAX_PIXELS = new Setting<>(
            key("image.max-pixels")
                    .longType()
                    .defaultValue(25_000_000L)
                    .withDescription("Most pixels (width times height) that an image may have. Read from its header"
                            + " before pixels are decoded, so that a small file cannot claim a lot of memory. Decoding"
                            + " takes up to 20 bytes a pixel for every parallel decoder."),
            new Allowed<>("a whole number from 1 to 268435456", value -> value >= 1 && value <= 1 << 28));

    public static final Setting<ExifOrientation> EXIF_ORIENTATION = new Setting<>(
            key("image.exif-orientation")
                    .enumType(ExifOrientation.class)
                    .defaultValue(ExifOrientation.APPLY)
                    .withDescription(
                            "Whether images are turned as their Exif orientation says, as viewers do: apply, or"
                                    + " ignore to learn them as they are stored."),
            Allowed.oneOf(List.of(ExifOrientation.values())));

    public static final Setting<String> BACKGROUND = new Setting<>(
            key("image.background")
                    .stringType()
                    .defaultValue("white")
                    .withDescription(
                            "Colour behind images with transparent parts. none takes their colours as"
                                    + " they are stored, as if they were opaque, which is what Pillow's convert(\"RGB\") does."),
            Allowed.text(
                    "white, black, none or a colour such as #00a0ff (in quotes in a YAML file)",
                    "#[0-9a-fA-F]{6}|white|black|none"));

    public static final Setting<Truncated> TRUNCATED = new Setting<>(
            key("image.truncated")
                    .enumType(Truncated.class)
                    .defaultValue(Truncated.REJECT)
                    .withDescription(
                            "What becomes of PNG, JPEG, GIF, BMP and TIFF images that are cut off: reject, or accept"
                                    + " to learn what is there, as Pillow's LOAD_TRUNCATED_IMAGES does."),
            Allowed.oneOf(List.of(Truncated.values())));

    public static final Setting<MemorySize> REJECTED_PAYLOAD_SIZE = new Setting<>(
            key("image.rejected-payload-size")
                    .memoryType()
                    .defaultValue(MemorySize.parse("4 kb"))
                    .withDescription("How much of the value of a record that cannot be used goes to the topic for"
                            + " rejected images."),
            Allowed.sizeIn("0 bytes", "1 mb"));

    public static final List<Setting<?>> ALL =
            List.of(MAX_ENCODED_SIZE, MAX_PIXELS, EXIF_ORIENTATION, BACKGROUND, TRUNCATED, REJECTED_PAYLOAD_SIZE);

    private ImageSettings() {}
}
