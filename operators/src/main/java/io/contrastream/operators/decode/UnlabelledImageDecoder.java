package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;

/**
 * From a record to an image that is to wait for its label. Of the image, everything is checked that can be known without decoding a
 * pixel, so that what will be rejected in any case does not wait.
 */
public final class UnlabelledImageDecoder implements RecordDecoder<UnlabelledImage> {

    /** Whether records are in the encoding that images wait in. */
    private final boolean encoded;

    private final ImageRecords<ImageQuery> records;

    /**
     * Of records in a format.
     *
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public UnlabelledImageDecoder(DecodeOptions options, RecordFormat format) {
        this.encoded = format.equals(SingleObject.format());
        this.records = new ImageRecords<>(ImageQuery.class, format, options);
    }

    @Override
    public UnlabelledImage decode(KafkaRecord record) throws Rejection {
        if (record.value() == null) {
            return new UnlabelledImage(
                    ExampleDecoder.forget(record.key(), "an ImageQuery").id(), record);
        }
        ImageQuery image = records.read(record.value());
        Names.requireId(image.getId());
        records.check(EncodedImage.of(image));
        return new UnlabelledImage(image.getId(), encoded ? record : record.with(SingleObject.encode(image)));
    }
}
