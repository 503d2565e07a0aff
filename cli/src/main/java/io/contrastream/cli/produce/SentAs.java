package io.contrastream.cli.produce;

import io.contrastream.datasets.SourceImage;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.Names;
import io.contrastream.operators.decode.QueryDecoder;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** The record that an image is sent as, and the checks of the job that reads it which need no pixel. Not thread-safe. */
public interface SentAs {

    /** Images to learn from, whatever the job will say of them. */
    SentAs LABELLED_IMAGES = SourceImage::record;

    /** Images to embed, whatever the job will say of them. */
    SentAs IMAGE_QUERIES = SourceImage::query;

    /** Labels of images that are sent by themselves. */
    SentAs LABELS = (image, eventTime, attributes) ->
            new ImageLabel(image.id(), image.label(), eventTime, attributes, image.furtherLabels());

    /**
     * The record of an image.
     *
     * @throws Rejection if the job would reject it
     */
    SpecificRecord record(SourceImage image, Instant eventTime, Map<String, String> attributes) throws Rejection;

    /**
     * The size of an encoded image, which is known before it is read.
     *
     * @throws Rejection if the job would reject it
     */
    default void checkSize(long bytes) throws Rejection {
        // The job will tell.
    }

    /**
     * Labels of images that are sent by themselves, which a job would not reject.
     *
     * @param severalLabels whether it rejects several labels of an image
     */
    static SentAs labels(SeveralLabels severalLabels) {
        return (image, eventTime, attributes) -> {
            Names.requireLabels(image.label(), image.furtherLabels());
            severalLabels.check(image.furtherLabels());
            return LABELS.record(image, eventTime, attributes);
        };
    }

    /**
     * Images to learn from, which a job with these options would not reject before it decodes a pixel.
     *
     * @param unlabelled whether it rejects images without label
     * @param severalLabels whether it rejects images with several labels
     */
    static SentAs labelledImages(DecodeOptions options, Unlabelled unlabelled, SeveralLabels severalLabels) {
        ExampleDecoder decoder = new ExampleDecoder(options, SingleObject.format(), unlabelled, severalLabels);
        return checked(
                (image, eventTime, attributes) -> {
                    LabelledImage record = image.record(eventTime, attributes);
                    decoder.check(record);
                    return record;
                },
                decoder::checkSize);
    }

    /** Images to embed, which a job with these options would not reject before it decodes a pixel. */
    static SentAs imageQueries(DecodeOptions options) {
        QueryDecoder decoder = new QueryDecoder(options);
        return checked(
                (image, eventTime, attributes) -> {
                    ImageQuery record = image.query(eventTime, attributes);
                    decoder.check(record);
                    return record;
                },
                decoder::checkSize);
    }

    private static SentAs checked(SentAs records, SizeCheck size) {
        return new SentAs() {
            @Override
            public SpecificRecord record(SourceImage image, Instant eventTime, Map<String, String> attributes)
                    throws Rejection {
                return records.record(image, eventTime, attributes);
            }

            @Override
            public void checkSize(long bytes) throws Rejection {
                size.check(bytes);
            }
        };
    }

    /** As {@link #checkSize}. */
    interface SizeCheck {
        void check(long bytes) throws Rejection;
    }
}
