package io.contrastream.jobs.kafka;

import io.contrastream.schemas.SingleObject;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records in Avro's single-object encoding under a key of theirs.
 *
 * @param topic where they go
 * @param key what a record's key is; null for none
 */
record KeyedRecordWriter<T extends SpecificRecord>(String topic, SerializableFunction<T, byte[]> key)
        implements KafkaRecordSerializationSchema<T> {

    @Override
    public ProducerRecord<byte[], byte[]> serialize(T record, KafkaSinkContext context, Long timestamp) {
        return new ProducerRecord<>(topic, key.apply(record), SingleObject.encode(record));
    }
}
