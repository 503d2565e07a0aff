package io.contrastream.dashboard.image;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.QueryDecoder;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.format.AnyRecord;
import java.awt.image.BufferedImage;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** Small square pictures of the images of records, decoded and brought to their size as the jobs do it. Not thread-safe. */
public final class SmallPicture {

    private static final int LARGEST = 32 << 20;
    private static final long MOST_PIXELS = 64L << 20;

    private final int side;
    private final ExampleDecoder examples;
    private final QueryDecoder queries;

    /** @param side width and height of the pictures in pixels, at least 1 */
    public SmallPicture(int side) {
        DecodeOptions options = new DecodeOptions(new ImageShape(3, side, side), LARGEST, MOST_PIXELS, 0);
        this.side = side;
        this.examples = new ExampleDecoder(options, SingleObject.format(), Unlabelled.VIEWS, SeveralLabels.LEARN);
        this.queries = new QueryDecoder(options);
    }

    /**
     * The picture of a record.
     *
     * @param value of a record of {@code labelled-images} or {@code image-queries}
     * @param format of that topic
     * @return empty if it is none that can be decoded
     */
    public Optional<BufferedImage> of(byte[] value, RecordFormat format) {
        try {
            SpecificRecord record = AnyRecord.decode(format, value);
            if (record instanceof LabelledImage labelled) {
                return Optional.of(picture(examples.decode(labelled).pixels()));
            }
            return record instanceof ImageQuery query
                    ? Optional.of(picture(queries.decode(query).pixels()))
                    : Optional.empty();
        } catch (Rejection | WireFormatException cannotBeShown) {
            return Optional.empty();
        }
    }

    private BufferedImage picture(byte[] planes) {
        BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        int plane = side * side;
        for (int i = 0; i < plane; i++) {
            int rgb = (planes[i] & 0xFF) << 16 | (planes[plane + i] & 0xFF) << 8 | (planes[2 * plane + i] & 0xFF);
            picture.setRGB(i % side, i / side, rgb);
        }
        return picture;
    }
}
