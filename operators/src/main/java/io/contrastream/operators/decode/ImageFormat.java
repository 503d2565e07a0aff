package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageEncoding;
import java.util.Arrays;
import java.util.Optional;

/** A format of image files, known by the first bytes of a file and never by its name. */
public enum ImageFormat {
    PNG(ImageEncoding.PNG, "PNG", "\u0089PNG\r\n\u001A\n"),
    JPEG(ImageEncoding.JPEG, "JPEG", "\u00FF\u00D8\u00FF"),
    WEBP(ImageEncoding.WEBP, "WebP", "RIFF????WEBP"),
    GIF(ImageEncoding.GIF, "GIF", "GIF87a|GIF89a"),
    BMP(ImageEncoding.BMP, "BMP", "BM"),
    TIFF(ImageEncoding.TIFF, "TIFF", "II*\0|MM\0*|II+\0|MM\0+");

    private final ImageEncoding encoding;
    private final String spelled;
    /** One or more, with a bar between them; a question mark stands for any byte. */
    private final String signatures;

    ImageFormat(ImageEncoding encoding, String spelled, String signatures) {
        this.encoding = encoding;
        this.spelled = spelled;
        this.signatures = signatures;
    }

    /** The format that the bytes start as; empty if they start as none. */
    public static Optional<ImageFormat> of(byte[] image) {
        return Arrays.stream(values()).filter(format -> format.startsIn(image)).findFirst();
    }

    /** Names of all formats, for people: {@code PNG, JPEG, WebP, GIF, BMP, TIFF}. */
    public static String all() {
        return String.join(
                ", ", Arrays.stream(values()).map(ImageFormat::toString).toList());
    }

    /** Its name in records. */
    public ImageEncoding encoding() {
        return encoding;
    }

    boolean startsIn(byte[] image) {
        return Arrays.stream(signatures.split("\\|")).anyMatch(signature -> matches(image, signature));
    }

    private static boolean matches(byte[] image, String signature) {
        if (image.length < signature.length()) {
            return false;
        }
        for (int i = 0; i < signature.length(); i++) {
            if (signature.charAt(i) != '?' && signature.charAt(i) != (image[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return spelled;
    }
}
