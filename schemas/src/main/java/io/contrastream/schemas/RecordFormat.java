package io.contrastream.schemas;

import java.io.Serializable;
import org.apache.avro.specific.SpecificRecord;

/**
 * Format of the bytes of a topic's records. One value a topic: all that read or write the topic use it. Implementations are
 * thread-safe, and find out at the first use what they do not know.
 */
public interface RecordFormat extends Serializable {

    /**
     * Encodes a record.
     *
     * @throws IllegalArgumentException if a field that must not be null is null, or the record is not one of a topic
     */
    <T extends SpecificRecord> byte[] encode(T record);

    /**
     * Decodes a record's value.
     *
     * @param bytes null or empty is refused like any other value that is none
     * @throws WireFormatException if the bytes are not a record of that type
     * @throws IllegalArgumentException if the type is not one of a topic
     */
    <T extends SpecificRecord> T decode(byte[] bytes, Class<T> type) throws WireFormatException;

    /**
     * Finds out all that it must know to write, so that whoever does not answer is told of now, and stops nothing later. What it knows
     * travels with it when it is serialised.
     *
     * @return this
     */
    default RecordFormat readyToWrite() {
        return this;
    }

    /**
     * Finds out what there is to know of records that have been written, in the same way.
     *
     * @return this
     */
    default RecordFormat readyToRead() {
        return this;
    }
}
