package io.contrastream.schemas;

import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * The wire format of every topic: Avro's single-object encoding, which is the two bytes C3 01, the CRC-64-AVRO fingerprint of the
 * schema that the record was written with (8 bytes, little-endian) and the record's binary encoding. Any Avro library reads it, given
 * the schema; no registry is needed.
 *
 * <pre>{@code
 * byte[] value = SingleObject.encode(image);
 * LabelledImage same = SingleObject.decode(value, LabelledImage.class);
 * }</pre>
 *
 * <p>A record that was written with an older released schema is read as the newest one. Whatever the bytes are, decoding ends in a
 * record or in a {@link WireFormatException}, and allocates at most a small multiple of their number.
 *
 * <p>Thread-safe. A thread keeps a buffer of at most 1 MiB.
 *
 * <p>Source: Avro 1.11 specification, "Single-object encoding".
 */
public final class SingleObject {

    static final WireFormat FORMAT = new WireFormat(List.of(
            RecordType.released(LabelledImage.class),
            RecordType.released(ImageQuery.class),
            RecordType.released(ImageLabel.class),
            RecordType.released(Embedding.class),
            RecordType.released(ClassPrototype.class),
            RecordType.released(LearningReport.class),
            RecordType.released(EncoderRelease.class),
            RecordType.released(RejectedRecord.class)));

    private SingleObject() {}

    /** The format as a value. */
    public static RecordFormat format() {
        return SingleObjectFormat.ALL;
    }

    /**
     * Encodes a record with the newest schema of its type.
     *
     * @throws IllegalArgumentException if a field that must not be null is null, or the record is not one of a topic
     */
    public static <T extends SpecificRecord> byte[] encode(T record) {
        return FORMAT.encode(record);
    }

    /**
     * Decodes a record of a type that is known beforehand.
     *
     * @param bytes a record's value; null or empty is refused like any other value that is none
     * @throws WireFormatException if the bytes are not a record of that type
     * @throws IllegalArgumentException if the type is not one of a topic
     */
    public static <T extends SpecificRecord> T decode(byte[] bytes, Class<T> type) throws WireFormatException {
        return FORMAT.decode(bytes, type);
    }

    /**
     * Decodes a record of whichever type its header names.
     *
     * @param bytes a record's value; null or empty is refused like any other value that is none
     * @throws WireFormatException if the bytes are not a record of a known type
     */
    public static SpecificRecord decode(byte[] bytes) throws WireFormatException {
        return FORMAT.decode(bytes);
    }
}
