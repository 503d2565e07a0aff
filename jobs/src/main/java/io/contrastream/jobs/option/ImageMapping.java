package io.contrastream.jobs.option;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.Reading;

/** Makes the record that describes how images are read out of option values. */
public final class ImageMapping {

    private final OptionValues values;

    public ImageMapping(OptionValues values) {
        this.values = values;
    }

    /**
     * Once {@link OptionValues#throwIfInvalid} has passed.
     *
     * @param input what images are brought to
     */
    public DecodeOptions decodeOptions(ImageShape input) {
        return new DecodeOptions(
                input,
                Math.toIntExact(values.get(ImageSettings.MAX_ENCODED_SIZE).getBytes()),
                values.get(ImageSettings.MAX_PIXELS),
                Math.toIntExact(values.get(ImageSettings.REJECTED_PAYLOAD_SIZE).getBytes()),
                reading());
    }

    private Reading reading() {
        String background = values.get(ImageSettings.BACKGROUND);
        return new Reading(
                values.get(ImageSettings.EXIF_ORIENTATION) == ExifOrientation.APPLY,
                !background.equals("none"),
                colour(background),
                values.get(ImageSettings.TRUNCATED) == Truncated.ACCEPT);
    }

    private static int colour(String background) {
        return switch (background) {
            case "white" -> 0xFFFFFF;
            case "black", "none" -> 0;
            default -> Integer.parseInt(background.substring(1), 16);
        };
    }
}
