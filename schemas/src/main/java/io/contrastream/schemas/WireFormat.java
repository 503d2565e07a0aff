package io.contrastream.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;

/** Single-object encoding of a closed set of record types. Thread-safe. */
final class WireFormat {

    private static final int RETAINED_BUFFER_BYTES = 1 << 20;

    /** A buffer a thread; one that a large record has blown up is not kept. */
    private final ThreadLocal<Output> outputs = ThreadLocal.withInitial(Output::new);

    private final Map<Class<?>, RecordType<?>> types = new HashMap<>();
    private final Map<Long, RecordReader<?>> readers = new HashMap<>();

    WireFormat(List<RecordType<?>> recordTypes) {
        recordTypes.forEach(this::add);
    }

    private <T extends SpecificRecord> void add(RecordType<T> type) {
        types.put(type.type(), type);
        type.readers().forEach((fingerprint, reader) -> readers.put(fingerprint, new RecordReader<>(type, reader)));
    }

    <T extends SpecificRecord> byte[] encode(T record) {
        return encode(typeOf(record).header(), record);
    }

    <T extends SpecificRecord> byte[] encode(byte[] header, T record) {
        RecordType<T> type = typeOf(record);
        Output output = outputs.get();
        try {
            byte[] bytes = output.write(header, type, record);
            if (bytes.length > RETAINED_BUFFER_BYTES) {
                outputs.remove();
            }
            return bytes;
        } catch (RuntimeException e) {
            outputs.remove(); // its encoder holds the first half of this record
            throw new IllegalArgumentException("Cannot encode a " + type.name() + ": " + e.getMessage(), e);
        }
    }

    <T extends SpecificRecord> T decode(byte[] bytes, Class<T> type) throws WireFormatException {
        if (!types.containsKey(type)) {
            throw new IllegalArgumentException(type + " is not a record of a topic");
        }
        RecordReader<?> reader = readerOf(bytes);
        if (reader.type().type() != type) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_RECORD,
                    "The payload is a %s, not a %s".formatted(reader.type().name(), type.getSimpleName()));
        }
        return type.cast(reader.read(bytes, RecordType.HEADER_BYTES));
    }

    <T extends SpecificRecord> RecordReader<T> reader(Class<T> type, Schema written) {
        @SuppressWarnings("unchecked") // the map's keys are the types of its values
        RecordType<T> typed = (RecordType<T>) types.get(type);
        if (typed == null) {
            throw new IllegalArgumentException(type + " is not a record of a topic");
        }
        return new RecordReader<>(typed, typed.reader(written));
    }

    SpecificRecord decode(byte[] bytes) throws WireFormatException {
        return readerOf(bytes).read(bytes, RecordType.HEADER_BYTES);
    }

    private RecordReader<?> readerOf(byte[] bytes) throws WireFormatException {
        if (bytes == null || bytes.length == 0) {
            throw new WireFormatException(WireFormatException.Kind.OTHER_FORMAT, "The payload is empty");
        }
        if (bytes.length < RecordType.HEADER_BYTES) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_FORMAT,
                    "The payload has %d bytes, fewer than the %d of the header of Avro's single-object encoding"
                            .formatted(bytes.length, RecordType.HEADER_BYTES));
        }
        if (bytes[0] != (byte) 0xC3 || bytes[1] != 0x01) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_FORMAT,
                    "The payload starts with %02X %02X, not with the C3 01 of Avro's single-object encoding"
                            .formatted(bytes[0], bytes[1]));
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        RecordReader<?> reader = readers.get(fingerprint);
        if (reader == null) {
            throw new WireFormatException(
                    WireFormatException.Kind.UNKNOWN_SCHEMA,
                    "The payload was written with a schema of fingerprint %s, which is none of the released ones"
                            .formatted(HexFormat.of().formatHex(bytes, 2, RecordType.HEADER_BYTES)));
        }
        return reader;
    }

    private <T extends SpecificRecord> RecordType<T> typeOf(T record) {
        RecordType<?> type = types.get(record.getClass());
        if (type == null) {
            throw new IllegalArgumentException(record.getClass() + " is not a record of a topic");
        }
        @SuppressWarnings("unchecked") // the map's keys are the types of its values
        RecordType<T> typed = (RecordType<T>) type;
        return typed;
    }

    private static final class Output {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);

        <T extends SpecificRecord> byte[] write(byte[] header, RecordType<T> type, T record) {
            bytes.reset();
            bytes.writeBytes(header);
            try {
                type.writer().write(record, encoder);
                encoder.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }
}
