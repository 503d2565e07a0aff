package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;

/** From an {@link ImageQuery} to an image to embed. */
public final class QueryDecoder implements RecordDecoder<Query> {

    private final ImageRecords<ImageQuery> records;

    /**
     * Of records in Avro's single-object encoding.
     *
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public QueryDecoder(DecodeOptions options) {
        this(options, SingleObject.format());
    }

    /**
     * Of records in a format.
     *
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public QueryDecoder(DecodeOptions options, RecordFormat format) {
        this.records = new ImageRecords<>(ImageQuery.class, format, options);
    }

    @Override
    public Query decode(KafkaRecord record) throws Rejection {
        if (record.value() == null) {
            throw new Rejection(RejectReason.TOMBSTONE, "the record has no value; an ImageQuery is needed");
        }
        return decode(records.read(record.value()));
    }

    /**
     * Decodes a record.
     *
     * @throws Rejection if it is not an image to embed
     */
    public Query decode(ImageQuery query) throws Rejection {
        Names.requireId(query.getId());
        return new Query(
                query.getId(),
                records.pixels(EncodedImage.of(query)),
                query.getEventTime().toEpochMilli());
    }

    /**
     * Everything about a record that can be known without decoding a pixel: for those who send it.
     *
     * @throws Rejection with the reason that {@link #decode} would have
     */
    public void check(ImageQuery query) throws Rejection {
        Names.requireId(query.getId());
        records.check(EncodedImage.of(query));
    }

    /**
     * The size of an encoded image, which is known before it is read.
     *
     * @throws Rejection with the reason that {@link #decode} would have
     */
    public void checkSize(long bytes) throws Rejection {
        records.checkSize(bytes);
    }
}
