package io.contrastream.connect;

import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.ValidString;

/** The options of {@link SingleObjectConverter}, in a connector's configuration behind {@code value.converter.}. */
final class ConverterOptions extends AbstractConfig {

    private static final String TIMES = "times";
    private static final String NULLS = "nulls";
    private static final String VECTOR_SCHEMA_NAME = "vector.schema.name";

    static final ConfigDef DEFINITION = new ConfigDef()
            .define(
                    TIMES,
                    ConfigDef.Type.STRING,
                    "timestamp",
                    ValidString.in("timestamp", "long"),
                    Importance.MEDIUM,
                    "What times are: Connect's Timestamp, or the milliseconds since 1970-01-01T00:00Z as int64.")
            .define(
                    NULLS,
                    ConfigDef.Type.STRING,
                    "keep",
                    ValidString.in("keep", "omit"),
                    Importance.MEDIUM,
                    "Fields without a value: kept as null or an empty list, or left out of the record and its schema.")
            .define(
                    VECTOR_SCHEMA_NAME,
                    ConfigDef.Type.STRING,
                    "",
                    Importance.LOW,
                    "Name of a vector's schema, for sinks that go by it; none if empty. Debezium's JDBC sink makes a"
                            + " halfvec of pgvector of io.debezium.data.FloatVector.");

    ConverterOptions(Map<String, ?> values) {
        super(DEFINITION, values, false);
    }

    boolean timesAreLongs() {
        return getString(TIMES).equals("long");
    }

    boolean omitsNulls() {
        return getString(NULLS).equals("omit");
    }

    /** Null for none. */
    String vectorSchemaName() {
        String name = getString(VECTOR_SCHEMA_NAME);
        return name.isEmpty() ? null : name;
    }
}
