package io.contrastream.datasets;

import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One image of a data set.
 *
 * @param id its identity, the same in every run over the data set; 1 to 256 characters
 * @param label its class, 1 to 256 characters; empty for an image without label
 * @param furtherLabels its other classes
 * @param bytes the image, encoded as {@code encoding} says; not copied
 * @param width in pixels, or 0 if the bytes themselves tell
 * @param height in pixels, or 0 if the bytes themselves tell
 */
public record SourceImage(
        String id,
        String label,
        List<String> furtherLabels,
        byte[] bytes,
        ImageEncoding encoding,
        int width,
        int height) {

    /** An image with at most one label. */
    public SourceImage(String id, String label, byte[] bytes, ImageEncoding encoding, int width, int height) {
        this(id, label, List.of(), bytes, encoding, width, height);
    }

    /** The record of the topic of labelled images. */
    public LabelledImage record(Instant eventTime, Map<String, String> attributes) {
        return LabelledImage.newBuilder()
                .setId(id)
                .setLabel(label)
                .setFurtherLabels(furtherLabels)
                .setImage(ByteBuffer.wrap(bytes))
                .setEncoding(encoding)
                .setWidth(width == 0 ? null : width)
                .setHeight(height == 0 ? null : height)
                .setEventTime(eventTime)
                .setAttributes(attributes)
                .build();
    }

    /** The record of the topic of images to embed, which does not tell the label. */
    public ImageQuery query(Instant eventTime, Map<String, String> attributes) {
        return ImageQuery.newBuilder()
                .setId(id)
                .setImage(ByteBuffer.wrap(bytes))
                .setEncoding(encoding)
                .setWidth(width == 0 ? null : width)
                .setHeight(height == 0 ? null : height)
                .setEventTime(eventTime)
                .setAttributes(attributes)
                .build();
    }
}
