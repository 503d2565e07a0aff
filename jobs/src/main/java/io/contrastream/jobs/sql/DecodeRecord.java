package io.contrastream.jobs.sql;

import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.types.Row;

/**
 * A function for Flink SQL: from the value of a record of a topic to a row of its fields, under the schema's names in snake_case
 * ({@code unknown}, which is SQL's, as {@code is_unknown}); NULL for what is no such record. An enumeration is a STRING, a time a
 * TIMESTAMP_LTZ(3), a vector an ARRAY of FLOAT, several labels an ARRAY of STRING.
 */
public abstract class DecodeRecord extends ScalarFunction {

    private static final long serialVersionUID = 1;

    private final Class<? extends SpecificRecord> type;

    DecodeRecord(Class<? extends SpecificRecord> type) {
        this.type = type;
    }

    /** @param value null for NULL */
    public Row eval(byte[] value) {
        if (value == null) {
            return null;
        }
        try {
            SpecificRecord record = SingleObject.decode(value, type);
            Object[] fields = new Object[record.getSchema().getFields().size()];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = external(
                        record.get(i), record.getSchema().getFields().get(i).schema());
            }
            return Row.of(fields);
        } catch (WireFormatException notOurs) {
            return null;
        }
    }

    private static Object external(Object value, Schema schema) {
        if (value instanceof List<?> list) {
            return schema.getElementType().getType() == Schema.Type.FLOAT
                    ? list.toArray(Float[]::new)
                    : list.toArray(String[]::new);
        } else if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        } else if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new HashMap<>();
            map.forEach((key, each) -> copy.put(key, external(each, schema.getValueType())));
            return copy;
        }
        return value instanceof Enum<?> symbol ? symbol.name() : value;
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        Schema schema = SpecificData.get().getSchema(type);
        DataTypes.Field[] fields = schema.getFields().stream()
                .map(field -> DataTypes.FIELD(column(field.name()), column(field.schema())))
                .toArray(DataTypes.Field[]::new);
        return TypeInference.newBuilder()
                .inputTypeStrategy(InputTypeStrategies.explicitSequence(DataTypes.BYTES()))
                .outputTypeStrategy(TypeStrategies.explicit(DataTypes.ROW(fields)))
                .build();
    }

    private static String column(String field) {
        return field.equals("unknown")
                ? "is_unknown"
                : field.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static DataType column(Schema schema) {
        return switch (schema.getType()) {
            case STRING, ENUM -> DataTypes.STRING();
            case BYTES -> DataTypes.BYTES();
            case INT -> DataTypes.INT();
            case LONG ->
                schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
                        ? DataTypes.TIMESTAMP_LTZ(3)
                        : DataTypes.BIGINT();
            case FLOAT -> DataTypes.FLOAT();
            case DOUBLE -> DataTypes.DOUBLE();
            case BOOLEAN -> DataTypes.BOOLEAN();
            case ARRAY -> DataTypes.ARRAY(column(schema.getElementType()));
            case MAP -> DataTypes.MAP(DataTypes.STRING(), column(schema.getValueType()));
            // Of something with null.
            case UNION -> column(schema.getTypes().get(1));
            default -> throw new IllegalArgumentException("no topic has a field of type " + schema);
        };
    }
}
