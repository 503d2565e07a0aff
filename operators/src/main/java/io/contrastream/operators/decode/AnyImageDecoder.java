package io.contrastream.operators.decode;

import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;

/**
 * From a {@link LabelledImage}, with any number of labels, or an {@link io.contrastream.schemas.ImageQuery} to an image to embed, and from a
 * tombstone to a {@link Query} that {@linkplain Query#isTakenBack() takes the image back} that its key is the id of.
 */
public final class AnyImageDecoder implements RecordDecoder<Query> {

    private final ImageRecords<LabelledImage> labelled;
    private final QueryDecoder queries;

    /**
     * Of records in a format.
     *
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public AnyImageDecoder(DecodeOptions options, RecordFormat format) {
        labelled = new ImageRecords<>(LabelledImage.class, format, options);
        queries = new QueryDecoder(options, format);
    }

    @Override
    public Query decode(KafkaRecord record) throws Rejection {
        if (record.value() == null) {
            return Query.takenBack(ExampleDecoder.forget(record.key(), "a LabelledImage or ImageQuery")
                    .id());
        }
        LabelledImage image;
        try {
            image = labelled.read(record.value());
        } catch (Rejection rejection) {
            if (rejection.reason() == RejectReason.WRONG_RECORD_TYPE) {
                return queries.decode(record);
            }
            throw rejection;
        }
        Names.requireId(image.getId());
        boolean hasLabel =
                !image.getLabel().isEmpty() || !image.getFurtherLabels().isEmpty();
        if (hasLabel) {
            Names.requireLabels(image.getLabel(), image.getFurtherLabels());
        }
        return new Query(
                image.getId(),
                hasLabel ? image.getLabel() : null,
                image.getFurtherLabels(),
                labelled.pixels(EncodedImage.of(image)),
                image.getEventTime().toEpochMilli());
    }
}
