package io.contrastream.schemas;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Resolver;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.avro.specific.SpecificRecord;

/** Records in Avro's binary encoding behind a header of somebody else's, for formats that tell the schema in another way. Thread-safe. */
public final class BinaryRecord {

    private BinaryRecord() {}

    /**
     * The newest released schema of a type, with nothing of Java's in it.
     *
     * @throws IllegalArgumentException if the type is not one of a topic
     */
    public static Schema schema(Class<? extends SpecificRecord> type) {
        List<Schema> released = RecordType.releasedSchemas(type);
        if (released.isEmpty()) {
            throw new IllegalArgumentException(type + " is not a record of a topic");
        }
        return released.get(released.size() - 1);
    }

    /**
     * A schema out of its text.
     *
     * @param referenced texts of the schemas that it names, each before those that name it
     * @throws IllegalArgumentException if one is no schema of Avro
     */
    public static Schema parse(String text, List<String> referenced) {
        try {
            Schema.Parser parser = new Schema.Parser();
            referenced.forEach(parser::parse);
            return parser.parse(text);
        } catch (SchemaParseException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Writes the header, then the record with the newest schema of its type.
     *
     * @throws IllegalArgumentException if a field that must not be null is null, or the record is not one of a topic
     */
    public static <T extends SpecificRecord> byte[] write(byte[] header, T record) {
        return SingleObject.FORMAT.encode(header, record);
    }

    /**
     * A reader of records that were written with a schema, which is resolved to the newest of the type, whatever their names are.
     *
     * @throws WireFormatException if it does not fit that, or is one of another type of ours
     * @throws IllegalArgumentException if the type is not one of a topic
     */
    public static <T extends SpecificRecord> Reader<T> reader(Class<T> type, Schema written)
            throws WireFormatException {
        requireFit(type, written);
        RecordReader<T> reader = SingleObject.FORMAT.reader(type, written);
        return reader::read;
    }

    private static void requireFit(Class<? extends SpecificRecord> type, Schema written) throws WireFormatException {
        String name = written.getFullName();
        if (name.startsWith(type.getPackageName() + ".") && !name.equals(type.getName())) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_RECORD,
                    "The payload is of type %s, not %s".formatted(written.getName(), type.getSimpleName()));
        }
        Resolver.Action action = Resolver.resolve(written, schema(type));
        List<Resolver.Action> all = new ArrayList<>(List.of(action));
        if (action instanceof Resolver.RecordAdjust record) {
            all.addAll(Arrays.asList(record.fieldActions));
        }
        for (Resolver.Action part : all) {
            if (part instanceof Resolver.ErrorAction error) {
                throw new WireFormatException(
                        WireFormatException.Kind.UNKNOWN_SCHEMA,
                        "The payload's schema %s cannot be read as %s: %s"
                                .formatted(name, type.getSimpleName(), error));
            }
        }
    }

    /** Reads records of one type that were written with one schema. Thread-safe. */
    @FunctionalInterface
    public interface Reader<T extends SpecificRecord> {

        /**
         * Reads the record from a position on to the end of the bytes.
         *
         * @throws WireFormatException if they are not a record
         */
        T read(byte[] bytes, int from) throws WireFormatException;
    }
}
