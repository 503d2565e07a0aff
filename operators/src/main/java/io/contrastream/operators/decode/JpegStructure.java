package io.contrastream.operators.decode;

import java.io.ByteArrayOutputStream;

/**
 * The segments of a JPEG file (ITU-T T.81), read before a decoder sees them. Comments and application data (Exif, profiles,
 * thumbnails) are removed, except what says how colour is stored (JFIF, Adobe). Refused are kinds that the JDK cannot decode, and
 * more scans than any encoder makes, for every one of them costs a pass over the whole image.
 */
final class JpegStructure {

    private static final int MOST_SCANS = 100;

    private static final int START = 0xD8;
    private static final int END = 0xD9;
    private static final int SCAN = 0xDA;
    private static final int HUFFMAN_TABLE = 0xC4;
    private static final int JFIF = 0xE0;
    private static final int ADOBE = 0xEE;
    private static final int COMMENT = 0xFE;

    private final byte[] image;
    private final PixelLimit limit;
    private final ByteArrayOutputStream kept;
    private int position = 2;
    private boolean frame;
    private int scans;

    private JpegStructure(byte[] image, PixelLimit limit) {
        this.image = image;
        this.limit = limit;
        this.kept = new ByteArrayOutputStream(image.length);
    }

    /** Whether the bytes start with a JPEG's first marker and the start of the next. */
    static boolean startsIn(byte[] image) {
        return image.length >= 3
                && (image[0] & 0xFF) == 0xFF
                && (image[1] & 0xFF) == START
                && (image[2] & 0xFF) == 0xFF;
    }

    /**
     * Checks the structure and the declared size.
     *
     * @param image starts with the marker of JPEG
     * @return the same image without what pixels do not need
     * @throws Rejection if it is cut off, inconsistent, of an unsupported kind or declares more pixels than the limit
     */
    static byte[] check(byte[] image, PixelLimit limit) throws Rejection {
        return new JpegStructure(image, limit).check();
    }

    private byte[] check() throws Rejection {
        kept.write(image, 0, 2);
        for (int marker = marker(); marker != END; marker = marker()) {
            segment(marker);
        }
        if (scans == 0) {
            throw corrupt("it has no scan");
        }
        kept.write(0xFF);
        kept.write(END);
        return kept.toByteArray();
    }

    /** Steps over the next marker and the fill bytes before it. */
    private int marker() throws Rejection {
        if (next() != 0xFF) {
            throw corrupt("byte " + (position - 1) + " is not the start of a marker");
        }
        int marker = next();
        while (marker == 0xFF) {
            marker = next();
        }
        return marker;
    }

    private void segment(int marker) throws Rejection {
        if (marker < 0xC0 || (marker >= 0xD0 && marker <= START)) {
            throw corrupt("marker FF" + hex(marker) + " before byte " + position + " does not belong there");
        }
        int start = position;
        int length = (next() << 8) | next();
        if (length < 2) {
            throw corrupt("the segment of marker FF" + hex(marker) + " claims " + length + " bytes");
        }
        if (start + length > image.length) {
            throw truncated();
        }
        position = start + length;
        if (marker >= 0xC0 && marker <= 0xCF && marker != HUFFMAN_TABLE) {
            frame(marker, start, length);
        }
        if (marker < JFIF || marker == JFIF || marker == ADOBE || (marker > 0xEF && marker != COMMENT)) {
            kept.write(0xFF);
            kept.write(marker);
            kept.write(image, start, length);
        }
        if (marker == SCAN) {
            scan();
        }
    }

    private void frame(int marker, int start, int length) throws Rejection {
        if (marker > 0xC2) {
            throw unsupported("is lossless, hierarchical or arithmetically coded (marker FF" + hex(marker) + ")");
        }
        if (frame) {
            throw corrupt("it has more than one frame");
        }
        frame = true;
        if (length < 8) {
            throw corrupt("its frame header has " + length + " bytes");
        }
        int precision = image[start + 2] & 0xFF;
        int height = twoBytes(start + 3);
        int width = twoBytes(start + 5);
        int components = image[start + 7] & 0xFF;
        if (width < 1 || height < 1) {
            throw corrupt("it declares " + width + " x " + height + " pixels; each must be at least 1");
        }
        limit.require(width, height);
        if (precision != 8) {
            throw unsupported("has " + precision + " bits a sample; 8 are supported");
        }
        if (components != 1 && components != 3) {
            throw unsupported("has " + components + " components" + (components == 4 ? " (CMYK or YCCK)" : "")
                    + "; 1 (grey) and 3 (colour) are supported");
        }
    }

    /** Steps over entropy-coded data: up to a marker that is neither a stuffed byte nor a restart. */
    private void scan() throws Rejection {
        if (!frame) {
            throw corrupt("it has a scan before its frame header");
        }
        if (++scans > MOST_SCANS) {
            throw unsupported("has more than " + MOST_SCANS + " scans");
        }
        int start = position;
        while (true) {
            if (next() == 0xFF) {
                int marker = next();
                if (marker == 0xFF) {
                    position--; // A fill byte: the second FF may be the start of the marker.
                } else if (marker != 0 && (marker < 0xD0 || marker > 0xD7)) {
                    position -= 2;
                    kept.write(image, start, position - start);
                    return;
                }
            }
        }
    }

    private int twoBytes(int at) {
        return ((image[at] & 0xFF) << 8) | (image[at + 1] & 0xFF);
    }

    private int next() throws Rejection {
        if (position >= image.length) {
            throw truncated();
        }
        return image[position++] & 0xFF;
    }

    private Rejection truncated() {
        return new Rejection(
                RejectReason.TRUNCATED_IMAGE,
                "JPEG image ends after " + image.length + " bytes without its end marker");
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "JPEG image is damaged: " + what);
    }

    private static Rejection unsupported(String what) {
        return new Rejection(RejectReason.UNSUPPORTED_IMAGE, "JPEG image " + what);
    }

    private static String hex(int marker) {
        return String.format("%02X", marker);
    }
}
