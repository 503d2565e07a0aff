package io.contrastream.topics.format;

import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.Topic;
import org.apache.avro.specific.SpecificRecord;

/** Reads records of whose topic nothing is known. */
public final class AnyRecord {

    private AnyRecord() {}

    /**
     * The record as the first of our types, in the order of {@link Topic}, of which it is one.
     *
     * @throws WireFormatException if it is of none
     */
    public static SpecificRecord decode(RecordFormat format, byte[] value) throws WireFormatException {
        WireFormatException other = null;
        for (Topic topic : Topic.values()) {
            try {
                return format.decode(value, topic.type());
            } catch (WireFormatException e) {
                if (e.kind() != WireFormatException.Kind.OTHER_RECORD) {
                    throw e;
                }
                other = e;
            }
        }
        throw other;
    }
}
