package io.contrastream.operators.decode;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The segments of a JPEG file (ITU-T T.81), read before a decoder sees them. How colour is stored is decided here, as libjpeg and
 * so Pillow does, and said to the decoder in the one way that all decoders understand: components numbered from 1, and either a
 * JFIF or an Adobe marker. Everything else that pixels do not need (comments, Exif, profiles, thumbnails) is removed. Refused are
 * kinds that the JDK cannot decode, and more scans than any encoder makes, for every one of them costs a pass over the whole image.
 */
final class JpegStructure {

    private static final int MOST_SCANS = 100;

    private static final int START = 0xD8;
    private static final int END = 0xD9;
    private static final int SCAN = 0xDA;
    private static final int HUFFMAN_TABLE = 0xC4;
    private static final int PROGRESSIVE = 0xC2;
    private static final int APPLICATION = 0xE0;
    private static final int EXIF = 0xE1;
    private static final int ADOBE = 0xEE;
    private static final int COMMENT = 0xFE;
    private static final int NONE = -1;

    private static final byte[] JFIF_SEGMENT = segment(APPLICATION, "JFIF\0\1\1\0\0\1\0\1\0\0");
    private static final byte[] ADOBE_SEGMENT = segment(ADOBE, "Adobe\0\144\0\0\0\0\0");

    private final byte[] image;
    private final PixelLimit limit;
    private final boolean cutOffAllowed;
    private final ByteArrayOutputStream kept;
    private int position = 2;
    private byte[] ids;
    private boolean progressive;
    private boolean jfif;
    private int adobe = NONE;
    private int orientation = Exif.UPRIGHT;
    private int scans;
    /** Where the newest scan starts in what was kept. */
    private int lastScan;

    private boolean complete;
    private boolean ended;

    private JpegStructure(byte[] image, PixelLimit limit, boolean cutOffAllowed) {
        this.image = image;
        this.limit = limit;
        this.cutOffAllowed = cutOffAllowed;
        this.kept = new ByteArrayOutputStream(image.length + 64);
    }

    /** How the samples of a JPEG are to be understood. */
    enum Colour {
        GREY,
        RGB,
        YCBCR,
        CMYK,
        YCCK
    }

    /**
     * A JPEG that has been checked.
     *
     * @param image what the decoder is to read. YCCK is declared to be CMYK, so that its samples come as they are stored
     * @param colour of the samples; the decoder converts {@link Colour#YCBCR} only
     * @param orientation as Exif has it, 1 to 8
     * @param ended whether the end marker was there
     * @param beforeLastScan the image without the last of its scans; null if that is the only one, or the end marker was there
     */
    record Jpeg(byte[] image, Colour colour, int orientation, boolean ended, byte[] beforeLastScan) {}

    /**
     * Checks the structure and the declared size.
     *
     * @param image starts with the marker of JPEG
     * @param cutOffAllowed whether the file may end before its image does
     * @throws Rejection if it is cut off, inconsistent, of an unsupported kind or declares more pixels than the limit
     */
    static Jpeg check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        return new JpegStructure(image, limit, cutOffAllowed).check();
    }

    private Jpeg check() throws Rejection {
        try {
            // What comes behind a scan with all of the image does not matter, whether it is an end marker or another
            // image.
            for (int marker = marker(); marker != END && !complete; marker = complete ? END : marker()) {
                segment(marker);
            }
            ended = true;
        } catch (EndOfFile e) {
            // A whole image may still be there: whether its only scan is, the decoder will find out.
            if (!complete && !(cutOffAllowed && scans > 0)) {
                throw new Rejection(
                        RejectReason.TRUNCATED_IMAGE,
                        "JPEG image ends after " + image.length + " bytes without its end marker");
            }
        }
        if (scans == 0) {
            throw corrupt("it has no scan");
        }
        byte[] beforeLastScan = ended || scans == 1 ? null : normalised(lastScan);
        return new Jpeg(normalised(kept.size()), colour(), orientation, ended, beforeLastScan);
    }

    /** The first bytes of what was kept, as a whole file. */
    private byte[] normalised(int size) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(kept.size() + 32);
        all.write(0xFF);
        all.write(START);
        all.writeBytes(colour() == Colour.GREY || colour() == Colour.YCBCR ? JFIF_SEGMENT : ADOBE_SEGMENT);
        all.write(kept.toByteArray(), 0, size);
        all.write(0xFF);
        all.write(END);
        return all.toByteArray();
    }

    /** As default_decompress_parms of libjpeg has it. */
    private Colour colour() {
        if (ids.length == 1) {
            return Colour.GREY;
        }
        if (ids.length == 4) {
            return adobe == NONE || adobe == 0 ? Colour.CMYK : Colour.YCCK;
        }
        boolean rgb = adobe == NONE ? ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B' : adobe == 0;
        return rgb && !jfif ? Colour.RGB : Colour.YCBCR;
    }

    /** Steps over the next marker and the fill bytes before it. */
    private int marker() throws Rejection, EndOfFile {
        if (next() != 0xFF) {
            throw corrupt("byte " + (position - 1) + " is not the start of a marker");
        }
        int marker = next();
        while (marker == 0xFF) {
            marker = next();
        }
        return marker;
    }

    private void segment(int marker) throws Rejection, EndOfFile {
        if (marker < 0xC0 || (marker >= 0xD0 && marker <= START)) {
            throw corrupt("marker FF" + hex(marker) + " before byte " + position + " does not belong there");
        }
        int start = position;
        int length = (next() << 8) | next();
        if (length < 2) {
            throw corrupt("the segment of marker FF" + hex(marker) + " claims " + length + " bytes");
        }
        if (start + length > image.length) {
            throw new EndOfFile();
        }
        position = start + length;
        if (marker == SCAN) {
            scan(start, length);
        } else if (marker >= 0xC0 && marker <= 0xCF && marker != HUFFMAN_TABLE) {
            frame(marker, start, length);
        } else if (marker >= APPLICATION && marker <= 0xEF) {
            application(marker, start, length);
        } else if (marker != COMMENT) {
            keep(marker, start, length);
        }
    }

    private void application(int marker, int start, int length) {
        int size = length - 2;
        if (marker == APPLICATION) {
            jfif |= size >= 14 && starts("JFIF\0", start + 2);
        } else if (marker == ADOBE && size >= 12 && starts("Adobe", start + 2)) {
            adobe = image[start + 13] & 0xFF;
        } else if (marker == EXIF && orientation == Exif.UPRIGHT && Exif.startsIn(image, start + 2, size)) {
            orientation = Exif.orientation(image, start + 2, size);
        }
    }

    private boolean starts(String text, int at) {
        for (int i = 0; i < text.length(); i++) {
            if (image[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void frame(int marker, int start, int length) throws Rejection {
        if (marker > PROGRESSIVE) {
            throw unsupported("is lossless, hierarchical or arithmetically coded (marker FF" + hex(marker) + ")");
        }
        if (ids != null) {
            throw corrupt("it has more than one frame");
        }
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
        if (components != 1 && components != 3 && components != 4) {
            throw unsupported(
                    "has " + components + " components; 1 (grey), 3 (colour) and 4 (CMYK and YCCK) are supported");
        }
        if (length != 8 + 3 * components) {
            throw corrupt("its frame header has " + length + " bytes; of " + components + " components it has "
                    + (8 + 3 * components));
        }
        progressive = marker == PROGRESSIVE;
        ids = new byte[components];
        byte[] header = java.util.Arrays.copyOfRange(image, start, start + length);
        for (int i = 0; i < components; i++) {
            ids[i] = header[8 + 3 * i];
            header[8 + 3 * i] = (byte) (i + 1);
        }
        kept.write(0xFF);
        kept.write(marker);
        kept.writeBytes(header);
    }

    /** Steps over a scan's header and its entropy-coded data: up to a marker that is neither a stuffed byte nor a restart. */
    private void scan(int start, int length) throws Rejection, EndOfFile {
        if (ids == null) {
            throw corrupt("it has a scan before its frame header");
        }
        if (++scans > MOST_SCANS) {
            throw unsupported("has more than " + MOST_SCANS + " scans");
        }
        int components = length > 2 ? image[start + 2] & 0xFF : 0;
        if (components < 1 || components > ids.length || length != 6 + 2 * components) {
            throw corrupt("a scan of " + components + " components has a header of " + length + " bytes");
        }
        complete = !progressive && components == ids.length;
        lastScan = kept.size();
        kept.write(0xFF);
        kept.write(SCAN);
        kept.writeBytes(scanHeader(start, length, components));
        int from = position;
        try {
            skipEntropyCodedData();
        } finally {
            kept.write(image, from, position - from);
        }
    }

    private byte[] scanHeader(int start, int length, int components) throws Rejection {
        byte[] header = java.util.Arrays.copyOfRange(image, start, start + length);
        boolean[] taken = new boolean[ids.length];
        for (int i = 0; i < components; i++) {
            int index = 0;
            while (index < ids.length && (taken[index] || ids[index] != header[3 + 2 * i])) {
                index++;
            }
            if (index == ids.length) {
                throw corrupt("a scan has the component " + (header[3 + 2 * i] & 0xFF) + ", which its frame has not");
            }
            taken[index] = true;
            header[3 + 2 * i] = (byte) (index + 1);
        }
        return header;
    }

    private void skipEntropyCodedData() throws EndOfFile {
        while (true) {
            if (next() == 0xFF) {
                int marker = next();
                if (marker == 0xFF) {
                    position--; // A fill byte: the second FF may be the start of the marker.
                } else if (marker != 0 && (marker < 0xD0 || marker > 0xD7)) {
                    position -= 2;
                    return;
                }
            }
        }
    }

    private void keep(int marker, int start, int length) {
        kept.write(0xFF);
        kept.write(marker);
        kept.write(image, start, length);
    }

    private int twoBytes(int at) {
        return ((image[at] & 0xFF) << 8) | (image[at + 1] & 0xFF);
    }

    private int next() throws EndOfFile {
        if (position >= image.length) {
            throw new EndOfFile();
        }
        return image[position++] & 0xFF;
    }

    private static byte[] segment(int marker, String payload) {
        byte[] bytes = ("\u00FF" + (char) marker + "\0" + (char) (payload.length() + 2) + payload)
                .getBytes(StandardCharsets.ISO_8859_1);
        return bytes;
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

    /** The file ends in the middle of something. */
    private static final class EndOfFile extends Exception {

        private static final long serialVersionUID = 1;

        EndOfFile() {
            super(null, null, false, false);
        }
    }
}
