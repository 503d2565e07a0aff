package io.contrastream.operators.decode;

import java.io.Serializable;

/**
 * From a record to what an operator works on. Everything about the record is checked before anything of its declared size is
 * allocated. Not thread-safe.
 */
public interface RecordDecoder<T> {

    /**
     * Decodes a record.
     *
     * @throws Rejection if it is not what is needed, whatever else it is
     */
    T decode(KafkaRecord record) throws Rejection;

    /** Makes the decoder where the operator runs. */
    @FunctionalInterface
    interface Factory<T> extends Serializable {
        RecordDecoder<T> create(DecodeOptions options);
    }
}
