package io.contrastream.operators.decode;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.types.Either;

/**
 * From what the join of images and labels hands on, which is in Avro's single-object encoding whatever images and labels came in, to what
 * the learner takes: of a {@link LabelledImage} an example, of an {@link ImageLabel} labels alone, of a tombstone the order to forget.
 */
public final class JoinedDecoder implements RecordDecoder<Either<Example, Forget>> {

    private final ExampleDecoder examples;

    /** @throws IllegalStateException if the Java runtime lacks a decoder */
    public JoinedDecoder(DecodeOptions options) {
        // An image without label, or with several, is handed on only if it is to be learned from.
        this.examples = new ExampleDecoder(options, SingleObject.format(), Unlabelled.VIEWS, SeveralLabels.LEARN);
    }

    @Override
    public Either<Example, Forget> decode(KafkaRecord record) throws Rejection {
        if (record.value() == null) {
            return examples.decode(record);
        }
        SpecificRecord value;
        try {
            value = SingleObject.decode(record.value());
        } catch (WireFormatException e) {
            throw new IllegalStateException("the join has handed on what is none of its records", e);
        }
        return Either.Left(
                value instanceof ImageLabel label
                        ? Example.ofLabelAlone(label.getId(), label.getLabel(), label.getFurtherLabels())
                        : examples.decode((LabelledImage) value));
    }
}
