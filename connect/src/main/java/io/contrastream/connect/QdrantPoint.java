package io.contrastream.connect;

import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * Makes the message that Qdrant's connector takes of a record with a vector: {@code collection_name}, {@code id}, {@code vector}, and
 * everything else as {@code payload}, times in milliseconds, without what is null or an empty list.
 *
 * <p>A point's id must be a number or a UUID: it is that of name {@code UUID.nameUUIDFromBytes} of the image's id, or the prototype's
 * label, in UTF-8 (version 3; in Python {@code uuid.UUID(bytes=hashlib.md5(id.encode()).digest(), version=3)}), which the payload has
 * as it is. A tombstone passes; the connector skips it, so that what is taken back must be deleted from Qdrant by other means.
 *
 * @param <R> the kind of record
 */
public final class QdrantPoint<R extends ConnectRecord<R>> implements Transformation<R>, Versioned {

    private static final String COLLECTION = "collection";
    private static final String VECTOR = RecordMapping.VECTOR;
    private static final ConfigDef DEFINITION = new ConfigDef()
            .define(
                    COLLECTION,
                    ConfigDef.Type.STRING,
                    ConfigDef.NO_DEFAULT_VALUE,
                    new NonEmptyString(),
                    Importance.HIGH,
                    "Qdrant's collection, which exists, with vectors of the embeddings' size and the distance Cosine or Dot.");

    private String collection;

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }

    @Override
    public ConfigDef config() {
        return DEFINITION;
    }

    @Override
    public void configure(Map<String, ?> configuration) {
        collection = new AbstractConfig(DEFINITION, configuration, false).getString(COLLECTION);
    }

    /** @throws DataException if the value has no vector, or nothing that names it */
    @Override
    public R apply(R record) {
        if (record.value() == null) {
            return record;
        }
        if (!(record.value() instanceof Struct struct) || struct.schema().field(VECTOR) == null) {
            throw new DataException("the record of topic '" + record.topic() + "' has no field '" + VECTOR
                    + "': it must be of embeddings or prototypes, read by " + SingleObjectConverter.class.getName());
        }
        Map<String, Object> payload = new HashMap<>();
        for (Field field : struct.schema().fields()) {
            Object value = struct.get(field);
            boolean empty = value == null || (value instanceof List<?> list && list.isEmpty());
            if (!empty && !field.name().equals(VECTOR)) {
                payload.put(
                        field.name(),
                        value instanceof Date time ? (Object) Timestamp.fromLogical(field.schema(), time) : value);
            }
        }
        Object name = payload.getOrDefault("id", payload.get("label"));
        if (name == null) {
            throw new DataException("the record of topic '" + record.topic() + "' has neither 'id' nor 'label'");
        }
        Map<String, Object> message = Map.of(
                "collection_name",
                collection,
                "id",
                UUID.nameUUIDFromBytes(name.toString().getBytes(StandardCharsets.UTF_8))
                        .toString(),
                VECTOR,
                struct.getArray(VECTOR),
                "payload",
                payload);
        return record.newRecord(
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                null,
                message,
                record.timestamp());
    }

    @Override
    public void close() {}
}
