package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageQuery;

/** From an {@link ImageQuery} to an image to embed. */
public final class QueryDecoder implements RecordDecoder<Query> {

    private final ImageRecords<ImageQuery> records;

    /** @throws IllegalStateException if the Java runtime lacks a decoder */
    public QueryDecoder(DecodeOptions options) {
        this.records = new ImageRecords<>(ImageQuery.class, options);
    }

    @Override
    public Query decode(KafkaRecord record) throws Rejection {
        if (record.value() == null) {
            throw new Rejection(RejectReason.TOMBSTONE, "the record has no value; an ImageQuery is needed");
        }
        ImageQuery query = records.read(record.value());
        Names.requireId(query.getId());
        return new Query(
                query.getId(),
                records.pixels(EncodedImage.of(query)),
                query.getEventTime().toEpochMilli());
    }
}
