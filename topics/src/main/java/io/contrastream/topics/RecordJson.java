package io.contrastream.topics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * Records as JSON, field by field: bytes in Base64, points in time in ISO 8601.
 *
 * @param brief whether bytes are told by their number alone, and of long arrays only the first values and the length
 */
public record RecordJson(boolean brief) {

    private static final int BRIEF_LENGTH = 4;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** The record. */
    public ObjectNode of(SpecificRecord record) {
        ObjectNode object = JSON.objectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            object.set(field.name(), value(record.get(field.pos())));
        }
        return object;
    }

    private JsonNode value(Object value) {
        if (value == null) {
            return JSON.nullNode();
        } else if (value instanceof SpecificRecord record) {
            return of(record);
        } else if (value instanceof ByteBuffer bytes) {
            return bytes(bytes);
        } else if (value instanceof List<?> list) {
            return array(list);
        } else if (value instanceof Map<?, ?> map) {
            ObjectNode object = JSON.objectNode();
            map.forEach((key, entry) -> object.set(key.toString(), value(entry)));
            return object;
        } else if (value instanceof Integer number) {
            return JSON.numberNode(number);
        } else if (value instanceof Long number) {
            return JSON.numberNode(number);
        } else if (value instanceof Float number) {
            return JSON.numberNode(number);
        } else if (value instanceof Double number) {
            return JSON.numberNode(number);
        } else if (value instanceof Boolean truth) {
            return JSON.booleanNode(truth);
        } else if (value instanceof Instant instant) {
            return JSON.textNode(instant.toString());
        }
        return JSON.textNode(value.toString());
    }

    private JsonNode bytes(ByteBuffer buffer) {
        if (brief) {
            return JSON.textNode(buffer.remaining() + " bytes");
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return JSON.binaryNode(bytes);
    }

    private ArrayNode array(List<?> list) {
        ArrayNode array = JSON.arrayNode();
        boolean cut = brief && list.size() > BRIEF_LENGTH;
        (cut ? list.subList(0, BRIEF_LENGTH) : list).forEach(element -> array.add(value(element)));
        if (cut) {
            array.add("… " + list.size() + " in all");
        }
        return array;
    }
}
