package io.contrastream.topics.format;

import io.contrastream.schemas.BinaryRecord;
import java.io.Serializable;
import java.util.List;
import org.apache.avro.Schema;

/**
 * A schema as a registry has it.
 *
 * @param referenced texts of the schemas that it names, each before those that name it
 */
record StoredSchema(String text, List<String> referenced) implements Serializable {

    StoredSchema {
        referenced = List.copyOf(referenced);
    }

    Schema schema() {
        return BinaryRecord.parse(text, referenced);
    }
}
