package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.RecordFormat;

/** From a record to a label. */
public final class GivenLabelDecoder implements RecordDecoder<GivenLabel> {

    private final ImageRecords<ImageLabel> records;

    /**
     * Of records in a format.
     *
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public GivenLabelDecoder(DecodeOptions options, RecordFormat format) {
        this.records = new ImageRecords<>(ImageLabel.class, format, options);
    }

    @Override
    public GivenLabel decode(KafkaRecord record) throws Rejection {
        if (record.value() == null) {
            return new GivenLabel(
                    ExampleDecoder.forget(record.key(), "an ImageLabel").id(), null, record);
        }
        ImageLabel label = records.read(record.value());
        Names.requireId(label.getId());
        Names.requireLabel(label.getLabel());
        return new GivenLabel(label.getId(), label.getLabel(), record);
    }
}
