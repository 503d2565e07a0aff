package io.contrastream.schemas;

import java.io.IOException;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificRecord;

/** Reads records of one type that were written with one schema. Thread-safe. */
record RecordReader<T extends SpecificRecord>(RecordType<T> type, DatumReader<T> reader) {

    T read(byte[] bytes, int from) throws WireFormatException {
        ArrayDecoder decoder = new ArrayDecoder(bytes, from);
        T record;
        try {
            record = reader.read(null, decoder);
        } catch (IOException | RuntimeException e) {
            // Avro reports what is malformed by many types: AvroTypeException, IndexOutOfBounds, ClassCast,
            // ArithmeticException.
            throw new WireFormatException(
                    WireFormatException.Kind.MALFORMED_BODY,
                    "The payload's %s cannot be read: %s".formatted(type.name(), reason(e)),
                    e);
        }
        if (decoder.remaining() > 0) {
            throw new WireFormatException(
                    WireFormatException.Kind.MALFORMED_BODY,
                    "The payload's %s is followed by %d bytes that do not belong to it"
                            .formatted(type.name(), decoder.remaining()));
        }
        return record;
    }

    /** The decoder's exceptions are written for people, those of Avro and of Java are not. */
    private static String reason(Exception failure) {
        if (failure instanceof IOException) {
            return failure.getMessage();
        }
        return failure instanceof IndexOutOfBoundsException
                ? "the number of an enum's symbol or of a union's type is out of range"
                : "a value in it does not fit its schema";
    }
}
