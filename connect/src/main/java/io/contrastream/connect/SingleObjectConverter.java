package io.contrastream.connect;

import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * Makes Connect's records of what is on the topics, in any released schema; a tombstone stays one. A vector becomes an array of
 * float32, an enumeration a string. For values: keys are strings, which {@code StringConverter} reads. Sinks only: it writes nothing.
 *
 * <p>Options: {@code times} ({@code timestamp} or {@code long}), {@code nulls} ({@code keep} or {@code omit}) and {@code
 * vector.schema.name}.
 */
public final class SingleObjectConverter implements Converter, Versioned {

    private RecordMapping mapping = new RecordMapping(new ConverterOptions(Map.of()));

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }

    @Override
    public ConfigDef config() {
        return ConverterOptions.DEFINITION;
    }

    /** @throws org.apache.kafka.common.config.ConfigException if a value is not one of those allowed */
    @Override
    public void configure(Map<String, ?> configuration, boolean isKey) {
        mapping = new RecordMapping(new ConverterOptions(configuration));
    }

    /** @throws DataException if the value is not a record of a topic */
    @Override
    public SchemaAndValue toConnectData(String topic, byte[] value) {
        if (value == null) {
            return SchemaAndValue.NULL;
        }
        try {
            SpecificRecord record = SingleObject.decode(value);
            return mapping.map(record);
        } catch (WireFormatException e) {
            throw new DataException("a value of topic '" + topic + "': " + e.getMessage(), e);
        }
    }

    /** @throws DataException unless the value is null: this converter does not write */
    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        if (value == null) {
            return null;
        }
        throw new DataException("topic '" + topic + "' cannot be written by " + SingleObjectConverter.class.getName()
                + ", which is for sinks: images are sent by `contrastream produce` or a client");
    }
}
