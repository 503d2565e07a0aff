package io.contrastream.operators.decode;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.types.Either;

/** From a {@link LabelledImage}, which has one label, none or several as the decoder is told, to an example, and from a tombstone to the order to forget the image that its key is the id of. */
public final class ExampleDecoder implements RecordDecoder<Either<Example, Forget>> {

    /** Of what it makes. */
    public static final TypeInformation<Either<Example, Forget>> OUTPUT =
            new EitherTypeInfo<>(TypeInformation.of(Example.class), TypeInformation.of(Forget.class));

    private final ImageRecords<LabelledImage> records;
    private final Unlabelled unlabelled;
    private final SeveralLabels severalLabels;

    /**
     * Of records in Avro's single-object encoding.
     *
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public ExampleDecoder(DecodeOptions options) {
        this(options, SingleObject.format(), Unlabelled.REJECT, SeveralLabels.REJECT);
    }

    /**
     * Of records in a format.
     *
     * @param unlabelled whether an image whose label is empty is rejected
     * @param severalLabels whether an image that has further labels is rejected
     * @throws IllegalStateException if the Java runtime lacks a decoder
     */
    public ExampleDecoder(
            DecodeOptions options, RecordFormat format, Unlabelled unlabelled, SeveralLabels severalLabels) {
        this.unlabelled = unlabelled;
        this.severalLabels = severalLabels;
        this.records = new ImageRecords<>(LabelledImage.class, format, options);
    }

    @Override
    public Either<Example, Forget> decode(KafkaRecord record) throws Rejection {
        return record.value() == null
                ? Either.Right(forget(record.key(), "a LabelledImage"))
                : Either.Left(decode(record.value()));
    }

    /**
     * Decodes a record's value.
     *
     * @throws Rejection if it is not an image to learn from, whatever else it is
     */
    Example decode(byte[] value) throws Rejection {
        return decode(records.read(value));
    }

    /**
     * Decodes a record.
     *
     * @throws Rejection if it is not an image to learn from
     */
    public Example decode(LabelledImage record) throws Rejection {
        requireNames(record);
        return new Example(
                record.getId(),
                record.getLabel(),
                records.pixels(EncodedImage.of(record)),
                record.getEventTime().toEpochMilli(),
                record.getFurtherLabels());
    }

    /**
     * Everything about a record that can be known without decoding a pixel: for those who send it.
     *
     * @throws Rejection with the reason that {@link #decode} would have
     */
    public void check(LabelledImage record) throws Rejection {
        requireNames(record);
        records.check(EncodedImage.of(record));
    }

    /**
     * The size of an encoded image, which is known before it is read.
     *
     * @throws Rejection with the reason that {@link #decode} would have
     */
    public void checkSize(long bytes) throws Rejection {
        records.checkSize(bytes);
    }

    private void requireNames(LabelledImage record) throws Rejection {
        Names.requireId(record.getId());
        List<String> further = record.getFurtherLabels();
        if (unlabelled == Unlabelled.REJECT || !record.getLabel().isEmpty() || !further.isEmpty()) {
            Names.requireLabels(record.getLabel(), further);
        }
        severalLabels.check(further);
    }

    /**
     * From the key of a tombstone to the order to forget that image.
     *
     * @param key null if the record has none
     * @param needed type of the records that are not tombstones
     * @throws Rejection if it is not an id
     */
    static Forget forget(byte[] key, String needed) throws Rejection {
        if (key == null) {
            throw new Rejection(
                    RejectReason.TOMBSTONE,
                    "the record has neither value nor key; " + needed
                            + " is needed, or as key the id of an image to forget");
        }
        return new Forget(Names.id(key));
    }
}
