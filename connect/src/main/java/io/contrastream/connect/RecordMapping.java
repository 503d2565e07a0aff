package io.contrastream.connect;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema.Field;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;

/** From Avro's records to Connect's. Thread-safe. */
final class RecordMapping {

    /** The field of every record that has a vector. */
    static final String VECTOR = "vector";

    private final ConverterOptions options;
    private final Map<Shape, Schema> schemas = new ConcurrentHashMap<>();

    RecordMapping(ConverterOptions options) {
        this.options = options;
    }

    /** A record type with those of its fields that are there. */
    private record Shape(org.apache.avro.Schema schema, BitSet fields) {}

    SchemaAndValue map(SpecificRecord record) {
        org.apache.avro.Schema type = record.getSchema();
        BitSet present = new BitSet();
        for (Field field : type.getFields()) {
            present.set(field.pos(), !options.omitsNulls() || hasValue(record, field));
        }
        Schema schema = schemas.computeIfAbsent(new Shape(type, present), this::schema);
        Struct struct = new Struct(schema);
        for (org.apache.kafka.connect.data.Field field : schema.fields()) {
            Field from = type.getField(field.name());
            struct.put(field, value(record.get(from.pos()), from.schema()));
        }
        return new SchemaAndValue(schema, struct);
    }

    private Schema schema(Shape shape) {
        SchemaBuilder builder = SchemaBuilder.struct()
                .name(shape.schema().getFullName())
                .doc(shape.schema().getDoc());
        for (Field field : shape.schema().getFields()) {
            if (shape.fields().get(field.pos())) {
                builder.field(field.name(), schema(field));
            }
        }
        return builder.build();
    }

    /** Of what may be null or, as lists of labels, empty: whether it is not. */
    private static boolean hasValue(SpecificRecord record, Field field) {
        Object value = record.get(field.pos());
        return value != null && !(field.hasDefaultValue() && value instanceof List<?> list && list.isEmpty());
    }

    private Schema schema(Field field) {
        SchemaBuilder builder = builder(nonNull(field.schema())).doc(field.doc());
        if (field.name().equals(VECTOR)) {
            builder.name(options.vectorSchemaName());
        }
        return (field.schema().isNullable() ? builder.optional() : builder).build();
    }

    private SchemaBuilder builder(org.apache.avro.Schema type) {
        return switch (type.getType()) {
            case STRING, ENUM -> SchemaBuilder.string();
            case BYTES -> SchemaBuilder.bytes();
            case INT -> SchemaBuilder.int32();
            case LONG -> isTime(type) && !options.timesAreLongs() ? Timestamp.builder() : SchemaBuilder.int64();
            case FLOAT -> SchemaBuilder.float32();
            case DOUBLE -> SchemaBuilder.float64();
            case BOOLEAN -> SchemaBuilder.bool();
            case ARRAY -> SchemaBuilder.array(builder(type.getElementType()).build());
            case MAP ->
                SchemaBuilder.map(
                        Schema.STRING_SCHEMA, builder(type.getValueType()).build());
            default -> throw new IllegalArgumentException("no topic has a field of type " + type);
        };
    }

    private Object value(Object value, org.apache.avro.Schema avro) {
        if (value == null) {
            return null;
        }
        org.apache.avro.Schema type = nonNull(avro);
        return switch (type.getType()) {
            case ENUM -> value.toString();
            case LONG -> value instanceof Instant time ? time(time) : value;
            case ARRAY -> List.copyOf((List<?>) value);
            case MAP -> {
                Map<Object, Object> map = new HashMap<>();
                ((Map<?, ?>) value).forEach((key, each) -> map.put(key, value(each, type.getValueType())));
                yield map;
            }
            case BYTES -> ((ByteBuffer) value).duplicate();
            default -> value;
        };
    }

    private Object time(Instant time) {
        long milliseconds = time.toEpochMilli();
        return options.timesAreLongs() ? (Object) milliseconds : Timestamp.toLogical(Timestamp.SCHEMA, milliseconds);
    }

    private static boolean isTime(org.apache.avro.Schema type) {
        return type.getLogicalType() instanceof LogicalTypes.TimestampMillis;
    }

    /** The other of a union with null; unions have no more members. */
    private static org.apache.avro.Schema nonNull(org.apache.avro.Schema schema) {
        if (!schema.isUnion()) {
            return schema;
        }
        return schema.getTypes().stream()
                .filter(type -> type.getType() != org.apache.avro.Schema.Type.NULL)
                .findFirst()
                .orElseThrow();
    }
}
