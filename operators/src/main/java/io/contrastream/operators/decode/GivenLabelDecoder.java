package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.RecordFormat;

/** From a record to the labels of an image. */
public final class GivenLabelDecoder implements RecordDecoder<GivenLabel> {

    private final ImageRecords<ImageLabel> records;
    private final SeveralLabels severalLabels;

    /**
     * Of records in a format.
     *
     * @param severalLabels whether what has further labels is rejected
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public GivenLabelDecoder(DecodeOptions options, RecordFormat format, SeveralLabels severalLabels) {
        this.severalLabels = severalLabels;
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
        Names.requireLabels(label.getLabel(), label.getFurtherLabels());
        severalLabels.check(label.getFurtherLabels());
        return new GivenLabel(label.getId(), label.getLabel(), label.getFurtherLabels(), record);
    }
}
