package io.contrastream.topics.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.RecordJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.specific.SpecificRecord;

/**
 * A JSON object a record: its fields under their names, bytes in Base64, points in time in ISO 8601, what may be null as the value or null.
 * Read too are points in time as milliseconds since 1970-01-01T00:00Z, records without the fields that have a default, and with fields that
 * the schema has not.
 */
record JsonFormat() implements RecordFormat {

    /** A string can be as long as the record, which is in memory already. */
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Override
    public <T extends SpecificRecord> byte[] encode(T record) {
        try {
            return MAPPER.writeValueAsBytes(new RecordJson(false).of(record));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T extends SpecificRecord> T decode(byte[] bytes, Class<T> type) throws WireFormatException {
        if (bytes == null || bytes.length == 0) {
            throw new WireFormatException(WireFormatException.Kind.OTHER_FORMAT, "The payload is empty");
        }
        if (bytes[0] == 0 || bytes[0] == (byte) 0xC3) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_FORMAT,
                    "The payload starts with %02X, not with a JSON object".formatted(bytes[0]) + Hint.of(bytes));
        }
        JsonNode json;
        try {
            json = MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_FORMAT,
                    "The payload is not JSON: " + e.getOriginalMessage() + " (line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")",
                    e);
        } catch (IOException e) {
            throw new WireFormatException(
                    WireFormatException.Kind.OTHER_FORMAT, "The payload is not JSON: " + e.getMessage(), e);
        }
        return new JsonRecord(type.getSimpleName()).read(json, type);
    }
}
