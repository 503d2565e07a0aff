package io.contrastream.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;

/** Records of every type with random contents, made and encoded by the Avro library alone. */
final class Samples {

    static final List<Class<? extends SpecificRecord>> TYPES = List.of(
            LabelledImage.class,
            ImageQuery.class,
            ImageLabel.class,
            Embedding.class,
            ClassPrototype.class,
            LearningReport.class,
            EncoderRelease.class,
            RejectedRecord.class);

    private Samples() {}

    /** Encoded records of a type. */
    static List<byte[]> encoded(Class<? extends SpecificRecord> type, int count, long seed) {
        return encoded(SpecificData.get().getSchema(type), count, seed);
    }

    /** Encoded records of a schema. */
    static List<byte[]> encoded(Schema schema, int count, long seed) {
        BinaryMessageEncoder<Object> encoder = new BinaryMessageEncoder<>(GenericData.get(), schema);
        List<byte[]> samples = new ArrayList<>();
        for (Object datum : new RandomData(schema, count, seed)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                encoder.encode(datum, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            samples.add(bytes.toByteArray());
        }
        return samples;
    }
}
