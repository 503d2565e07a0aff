package io.contrastream.jobs.kafka;

import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records under a key of theirs.
 *
 * @param topic where they go
 * @param key what a record's key is; null for none
 * @param value what a record's value is; null for a tombstone
 */
record KeyedRecordWriter<T extends SpecificRecord>(
        String topic, SerializableFunction<T, byte[]> key, SerializableFunction<T, byte[]> value)
        implements KafkaRecordSerializationSchema<T> {

    @Override
    public ProducerRecord<byte[], byte[]> serialize(T record, KafkaSinkContext context, Long timestamp) {
        return new ProducerRecord<>(topic, key.apply(record), value.apply(record));
    }
}
