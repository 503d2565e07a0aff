package io.contrastream.operators.decode;

import java.util.Map;

/**
 * A record as Kafka delivered it, before anything in it is trusted. Flink serialises it as a POJO; the arrays are not copied and
 * never written to.
 *
 * @param topic where it came from
 * @param partition of that topic, at least 0
 * @param offset in that partition, at least 0
 * @param timestamp Kafka's, in milliseconds since 1970-01-01T00:00Z; -1 if it has none
 * @param key null if it has none
 * @param value null for a tombstone
 * @param headers of a repeated one the last; a value may be null
 */
public record KafkaRecord(
        String topic,
        int partition,
        long offset,
        long timestamp,
        byte[] key,
        byte[] value,
        Map<String, byte[]> headers) {

    /** The same with another value. */
    public KafkaRecord with(byte[] other) {
        return new KafkaRecord(topic, partition, offset, timestamp, key, other, headers);
    }
}
