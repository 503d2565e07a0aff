package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.schemas.ImageEncoding;
import java.nio.ByteBuffer;

/**
 * Images of records to planar pixels of their own size, in the channels that the encoder takes. The order of the checks is the
 * point: size in bytes, format, declared size in pixels, and only then pixels.
 */
final class ImageDecoder {

    private final DecodeOptions options;
    private final PixelLimit limit;

    /** @throws IllegalStateException if the Java runtime lacks a decoder */
    ImageDecoder(DecodeOptions options) {
        Codec.require();
        this.options = options;
        this.limit = new PixelLimit(options);
    }

    /** @throws Rejection if the image is not one that can be decoded within the options */
    Pixels decode(EncodedImage encoded) throws Rejection {
        byte[] image = bytes(encoded.bytes());
        ImageFormat format = format(encoded.encoding());
        Pixels pixels = format == null ? raw(image, encoded.width(), encoded.height()) : read(format, image);
        return options.input().channels() == 1 ? pixels.luma() : pixels.rgb();
    }

    /**
     * Everything about an image that can be known without decoding a pixel.
     *
     * @throws Rejection with the reason that {@link #decode} would have
     */
    void check(EncodedImage encoded) throws Rejection {
        byte[] image = bytes(encoded.bytes());
        ImageFormat format = format(encoded.encoding());
        if (format == null) {
            raw(image, encoded.width(), encoded.height());
            return;
        }
        requireStart(format, image);
        boolean cutOff = options.reading().cutOff();
        switch (format) {
            case PNG -> PngImage.check(image, limit, cutOff);
            case JPEG -> JpegImage.check(image, limit, cutOff);
            case WEBP -> WebPImage.check(image, limit);
            case GIF -> GifImage.check(image, limit, cutOff);
            case BMP -> BmpImage.check(image, limit, cutOff);
            case TIFF -> TiffImage.check(image, limit, cutOff);
        }
    }

    /** The format of a file; null if the bytes are raw pixels. */
    private static ImageFormat format(ImageEncoding encoding) throws Rejection {
        return switch (encoding) {
            case PNG -> ImageFormat.PNG;
            case JPEG -> ImageFormat.JPEG;
            case WEBP -> ImageFormat.WEBP;
            case GIF -> ImageFormat.GIF;
            case BMP -> ImageFormat.BMP;
            case TIFF -> ImageFormat.TIFF;
            case RAW_PLANAR_RGB8 -> null;
            case UNKNOWN ->
                throw new Rejection(
                        RejectReason.UNSUPPORTED_IMAGE,
                        "encoding is one of a newer schema; PNG, JPEG, WEBP, GIF, BMP, TIFF and RAW_PLANAR_RGB8 are"
                                + " supported");
        };
    }

    /** @throws Rejection if an image of this number of bytes is none, or too large */
    void checkSize(long bytes) throws Rejection {
        if (bytes == 0) {
            throw new Rejection(RejectReason.EMPTY_IMAGE, "image has 0 bytes; it must not be empty");
        }
        if (bytes > options.maxEncodedBytes()) {
            throw new Rejection(
                    RejectReason.IMAGE_TOO_LARGE,
                    "image has " + bytes + " bytes; at most " + options.maxEncodedBytes() + " are allowed");
        }
    }

    private byte[] bytes(ByteBuffer image) throws Rejection {
        checkSize(image.remaining());
        byte[] bytes = new byte[image.remaining()];
        image.duplicate().get(bytes);
        return bytes;
    }

    private static void requireStart(ImageFormat format, byte[] image) throws Rejection {
        if (!format.startsIn(image)) {
            throw new Rejection(
                    RejectReason.ENCODING_MISMATCH,
                    "encoding is " + format.encoding() + ", but image starts as "
                            + ImageFormat.of(image).map(found -> "a " + found).orElse("no " + format) + " does");
        }
    }

    private Pixels read(ImageFormat format, byte[] image) throws Rejection {
        requireStart(format, image);
        boolean cutOff = options.reading().cutOff();
        Picture picture = switch (format) {
            case PNG -> PngImage.read(image, limit, cutOff);
            case JPEG -> JpegImage.read(image, limit, cutOff);
            case WEBP -> WebPImage.read(image, limit);
            case GIF -> GifImage.read(image, limit, cutOff);
            case BMP -> BmpImage.read(image, limit, cutOff);
            case TIFF -> TiffImage.read(image, limit, cutOff);
        };
        return picture.shown(options.reading());
    }

    private Pixels raw(byte[] image, Integer width, Integer height) throws Rejection {
        if (width == null || height == null || width < 1 || height < 1) {
            throw new Rejection(
                    RejectReason.INVALID_SIZE,
                    "width is " + width + " and height is " + height + "; RAW_PLANAR_RGB8 needs both, at least 1");
        }
        limit.require(width, height);
        long expected = 3L * width * height;
        if (image.length != expected) {
            throw new Rejection(
                    RejectReason.INVALID_SIZE,
                    "image has " + image.length + " bytes; RAW_PLANAR_RGB8 of width " + width + " and height " + height
                            + " has " + expected);
        }
        return new Pixels(new ImageShape(3, height, width), image);
    }
}
