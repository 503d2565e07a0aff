package io.contrastream.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * One type of record on the wire: the header that it is written with, its writer, and a reader for every schema that it was ever written
 * with. Thread-safe.
 */
final class RecordType<T extends SpecificRecord> {

    /** C3 01 and the little-endian fingerprint (Avro specification, "Single-object encoding"). */
    static final int HEADER_BYTES = 10;

    private final Class<T> type;
    private final Schema newest;
    private final SpecificData model;
    private final byte[] header;
    private final DatumWriter<T> writer;
    private final Map<Long, DatumReader<T>> readers = new LinkedHashMap<>();

    /**
     * @param type the generated class
     * @param newest its schema
     * @param older the schemas that it was written with before; one that equals the newest does no harm
     */
    RecordType(Class<T> type, Schema newest, List<Schema> older) {
        this.type = type;
        this.newest = newest;
        this.model = new SpecificData(type.getClassLoader());
        model.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        long fingerprint = SchemaNormalization.parsingFingerprint64(newest);
        this.header = ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 0x01)
                .putLong(fingerprint)
                .array();
        this.writer = new SpecificDatumWriter<>(newest, model);
        older.forEach(written -> readers.put(SchemaNormalization.parsingFingerprint64(written), reader(written)));
        readers.put(fingerprint, reader(newest));
    }

    /** The type with the schemas that are released with this library. */
    static <T extends SpecificRecord> RecordType<T> released(Class<T> type) {
        return new RecordType<>(type, SpecificData.get().getSchema(type), releasedSchemas(type));
    }

    /** The released schemas of a type, oldest first: resources {@code released/<type>/1.avsc}, {@code 2.avsc} and so on. */
    static List<Schema> releasedSchemas(Class<? extends SpecificRecord> type) {
        List<Schema> schemas = new ArrayList<>();
        while (true) {
            String resource = "released/%s/%d.avsc".formatted(type.getSimpleName(), schemas.size() + 1);
            try (InputStream in = RecordType.class.getResourceAsStream(resource)) {
                if (in == null) {
                    return List.copyOf(schemas);
                }
                schemas.add(new Schema.Parser().parse(in));
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the schema " + resource, e);
            }
        }
    }

    Class<T> type() {
        return type;
    }

    String name() {
        return type.getSimpleName();
    }

    byte[] header() {
        return header;
    }

    DatumWriter<T> writer() {
        return writer;
    }

    /** A reader of what was written with a schema. */
    DatumReader<T> reader(Schema written) {
        return new SpecificDatumReader<>(written, newest, model);
    }

    /** Readers by the fingerprint of the schema that the record was written with. */
    Map<Long, DatumReader<T>> readers() {
        return readers;
    }
}
