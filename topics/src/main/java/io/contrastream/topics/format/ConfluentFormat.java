package io.contrastream.topics.format;

import io.contrastream.schemas.BinaryRecord;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.schemas.WireFormatException.Kind;
import io.contrastream.topics.TopicException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confluent's framing: a zero, the id that a registry has given to the writer's schema (4 bytes, most significant first), and the record in
 * Avro's binary encoding, which is read as the newest schema of its type.
 *
 * <p>Ids and schemas are asked for once, and travel with the format when it is serialised: a registry that is away later stops nothing
 * that is known, not even what is started again. A record of an id that is not known waits for the registry for {@link #PATIENCE}.
 */
final class ConfluentFormat implements RecordFormat {

    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(ConfluentFormat.class);

    static final int HEADER_BYTES = 5;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** How long an id that the registry does not have is not asked for again: bad records may come by the thousand. */
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);

    private final Class<? extends SpecificRecord> type;
    private final String topic;
    private final RegistryOptions options;
    private final ConcurrentHashMap<String, Integer> ids = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, StoredSchema> schemas = new ConcurrentHashMap<>();
    /** Null where it has just been deserialised. */
    private transient volatile Found found;

    private record Kept(int id, Class<?> type) {}

    private record Unreadable(String problem, long untilNanos) {}

    /** State that is found out anew wherever the format is. */
    private record Found(Map<Kept, BinaryRecord.Reader<?>> readers, Map<Integer, Unreadable> unreadable) {}

    /**
     * The format of a topic.
     *
     * @param type of the records that are written to it
     */
    ConfluentFormat(Class<? extends SpecificRecord> type, String topic, RegistryOptions options) {
        this.type = type;
        this.topic = topic;
        this.options = options;
    }

    @Override
    public RecordFormat readyToWrite() {
        id(type);
        return this;
    }

    /** With the schemas that the topic's subject has now; without one, where the subjects are not named after topics. */
    @Override
    public RecordFormat readyToRead() {
        try {
            schemas.putAll(new Registry(options).schemas(options.subject().of(topic, BinaryRecord.schema(type))));
        } catch (UnansweredException e) {
            throw new TopicException(e.getMessage(), e);
        }
        return this;
    }

    @Override
    public <T extends SpecificRecord> byte[] encode(T record) {
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .putInt(1, id(record.getClass()))
                .array();
        return BinaryRecord.write(header, record);
    }

    private int id(Class<? extends SpecificRecord> written) {
        Integer known = ids.get(written.getName());
        if (known != null) {
            return known;
        }
        Schema schema = BinaryRecord.schema(written);
        try {
            int id = new Registry(options).id(options.subject().of(topic, schema), schema);
            ids.put(written.getName(), id);
            schemas.put(id, new StoredSchema(schema.toString(), List.of()));
            return id;
        } catch (UnansweredException e) {
            throw new TopicException(e.getMessage(), e);
        }
    }

    @Override
    public <T extends SpecificRecord> T decode(byte[] bytes, Class<T> wanted) throws WireFormatException {
        if (bytes == null || bytes.length == 0) {
            throw new WireFormatException(Kind.OTHER_FORMAT, "The payload is empty");
        }
        if (bytes.length < HEADER_BYTES || bytes[0] != 0) {
            throw new WireFormatException(
                    Kind.OTHER_FORMAT,
                    "The payload of %d bytes starts with %02X, not with the 00 and the 4-byte id of a schema registry"
                                    .formatted(bytes.length, bytes[0])
                            + Hint.of(bytes));
        }
        return reader(ByteBuffer.wrap(bytes).getInt(1), wanted).read(bytes, HEADER_BYTES);
    }

    private <T extends SpecificRecord> BinaryRecord.Reader<T> reader(int id, Class<T> wanted)
            throws WireFormatException {
        Kept key = new Kept(id, wanted);
        @SuppressWarnings("unchecked") // the type is part of the key
        BinaryRecord.Reader<T> known =
                (BinaryRecord.Reader<T>) found().readers().get(key);
        if (known != null) {
            return known;
        }
        BinaryRecord.Reader<T> reader = BinaryRecord.reader(wanted, schema(id));
        found().readers().put(key, reader);
        return reader;
    }

    private Found found() {
        Found now = found;
        if (now == null) {
            // Two threads may each find something out for themselves once.
            now = new Found(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
            found = now;
        }
        return now;
    }

    private Schema schema(int id) throws WireFormatException {
        StoredSchema known = schemas.get(id);
        if (known == null) {
            known = fetched(id);
            schemas.put(id, known);
        }
        return known.schema();
    }

    private StoredSchema fetched(int id) throws WireFormatException {
        Unreadable before = found().unreadable().get(id);
        if (before != null && before.untilNanos() - System.nanoTime() > 0) {
            throw new WireFormatException(Kind.UNKNOWN_SCHEMA, before.problem());
        }
        String problem;
        try {
            Optional<StoredSchema> schema = awaited(id);
            if (schema.isPresent()) {
                found().unreadable().remove(id);
                return schema.get();
            }
            problem = "The payload was written with the schema of id " + id + ", which the registry at "
                    + RegistryOptions.shown(options.urls().get(0)) + " does not have";
        } catch (UnsupportedSchemaException e) {
            problem = "The payload was written with the schema of id " + id + ", which " + e.getMessage();
        }
        found().unreadable().put(id, new Unreadable(problem, System.nanoTime() + UNKNOWN_FOR.toNanos()));
        throw new WireFormatException(Kind.UNKNOWN_SCHEMA, problem);
    }

    /** The record is not to blame if the registry is away. */
    private Optional<StoredSchema> awaited(int id) throws UnsupportedSchemaException {
        Registry registry = new Registry(options);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return registry.schema(id);
            } catch (UnansweredException e) {
                if (System.nanoTime() > deadline) {
                    throw new TopicException(
                            "a record of topic '" + topic + "' needs the schema of id " + id + ", but there is "
                                    + e.getMessage(),
                            e);
                }
                LOG.warn("A record of topic '{}' waits for the schema of id {}: {}", topic, id, e.getMessage());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException("interrupted while the schema registry was waited for", e);
        }
    }
}
