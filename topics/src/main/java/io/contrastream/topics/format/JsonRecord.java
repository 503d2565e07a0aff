package io.contrastream.topics.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.schemas.WireFormatException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * From JSON to records.
 *
 * @param name of the record's type
 */
record JsonRecord(String name) {

    private static final int SHOWN_CHARACTERS = 40;

    <T extends SpecificRecord> T read(JsonNode json, Class<T> type) throws WireFormatException {
        if (!json.isObject()) {
            throw new WireFormatException(Kind.OTHER_FORMAT, "The payload is " + shown(json) + ", not a JSON object");
        }
        SpecificData model = SpecificData.getForClass(type);
        requireFields(json, model.getSchema(type));
        T record = type.cast(SpecificData.newInstance(type, model.getSchema(type)));
        for (Schema.Field field : record.getSchema().getFields()) {
            JsonNode value = json.get(field.name());
            if (value != null) {
                record.put(field.pos(), value(value, field.schema(), field.name()));
            } else {
                record.put(field.pos(), model.deepCopy(field.schema(), model.getDefaultValue(field)));
            }
        }
        return record;
    }

    /** A record of another type has other fields. */
    private void requireFields(JsonNode json, Schema schema) throws WireFormatException {
        for (Schema.Field field : schema.getFields()) {
            if (!json.has(field.name()) && !field.hasDefaultValue()) {
                throw new WireFormatException(
                        Kind.OTHER_RECORD, "The payload has no field '" + field.name() + "', which " + name + " needs");
            }
        }
    }

    private Object value(JsonNode json, Schema schema, String path) throws WireFormatException {
        return switch (schema.getType()) {
            case UNION -> json.isNull() ? null : value(json, notNull(schema), path);
            case STRING -> require(json, json.isTextual(), path, "text").textValue();
            case BYTES -> bytes(json, path);
            case ENUM -> symbol(require(json, json.isTextual(), path, "text").textValue(), schema, path);
            case INT ->
                require(json, json.isIntegralNumber() && json.canConvertToInt(), path, "a whole number of 32 bits")
                        .intValue();
            case LONG ->
                schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
                        ? instant(json, path)
                        : (Object) wholeNumber(json, path);
            case FLOAT -> (float) number(json, path);
            case DOUBLE -> number(json, path);
            case BOOLEAN ->
                require(json, json.isBoolean(), path, "true or false").booleanValue();
            case ARRAY -> list(require(json, json.isArray(), path, "an array"), schema.getElementType(), path);
            case MAP -> map(require(json, json.isObject(), path, "an object"), schema.getValueType(), path);
            default -> throw new IllegalArgumentException("no JSON is known for " + schema);
        };
    }

    /** Unions are of null and one other type. */
    private static Schema notNull(Schema union) {
        return union.getTypes().get(union.getTypes().get(0).getType() == Schema.Type.NULL ? 1 : 0);
    }

    private static ByteBuffer bytes(JsonNode json, String path) throws WireFormatException {
        try {
            byte[] bytes = json.isTextual() ? json.binaryValue() : null;
            require(json, bytes != null, path, "bytes in Base64");
            return ByteBuffer.wrap(bytes);
        } catch (IOException e) {
            throw new WireFormatException(
                    Kind.MALFORMED_BODY, "The payload's field '" + path + "' is not in Base64: " + e.getMessage(), e);
        }
    }

    /** A symbol that is newer than the schema is read as its default, as Avro does. */
    private static Object symbol(String symbol, Schema schema, String path) throws WireFormatException {
        String known = schema.hasEnumSymbol(symbol) ? symbol : schema.getEnumDefault();
        if (known == null) {
            throw new WireFormatException(
                    Kind.MALFORMED_BODY,
                    "The payload's field '" + path + "' is '" + symbol + "', but must be one of "
                            + schema.getEnumSymbols());
        }
        return SpecificData.get().createEnum(known, schema);
    }

    private static Instant instant(JsonNode json, String path) throws WireFormatException {
        if (json.isTextual()) {
            try {
                return Instant.parse(json.textValue());
            } catch (DateTimeException e) {
                throw unfit(
                        json, path, "a time such as 2026-03-01T12:00:00.000Z, or milliseconds since 1970-01-01T00:00Z");
            }
        }
        return Instant.ofEpochMilli(wholeNumber(json, path));
    }

    private static long wholeNumber(JsonNode json, String path) throws WireFormatException {
        return require(json, json.isIntegralNumber() && json.canConvertToLong(), path, "a whole number of 64 bits")
                .longValue();
    }

    private static double number(JsonNode json, String path) throws WireFormatException {
        if (json.isTextual() && json.textValue().matches("NaN|-?Infinity")) {
            return Double.parseDouble(json.textValue());
        }
        return require(json, json.isNumber(), path, "a number").doubleValue();
    }

    private List<Object> list(JsonNode json, Schema elements, String path) throws WireFormatException {
        List<Object> list = new ArrayList<>(json.size());
        for (JsonNode element : json) {
            list.add(value(element, elements, path + "[" + list.size() + "]"));
        }
        return list;
    }

    private Map<String, Object> map(JsonNode json, Schema values, String path) throws WireFormatException {
        Map<String, Object> map = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            map.put(entry.getKey(), value(entry.getValue(), values, path + "." + entry.getKey()));
        }
        return map;
    }

    private static JsonNode require(JsonNode json, boolean fits, String path, String wanted)
            throws WireFormatException {
        if (!fits) {
            throw unfit(json, path, wanted);
        }
        return json;
    }

    private static WireFormatException unfit(JsonNode json, String path, String wanted) {
        return new WireFormatException(
                Kind.MALFORMED_BODY,
                "The payload's field '" + path + "' is " + shown(json) + ", but must be " + wanted);
    }

    private static String shown(JsonNode json) {
        if (json.isContainerNode()) {
            return json.isArray() ? "an array" : "an object";
        }
        String text = json.toString();
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    }
}
