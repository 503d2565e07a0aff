package io.contrastream.jobs.kafka;

import io.contrastream.schemas.RecordFormat;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records under a key of theirs.
 *
 * @param topic where they go
 * @param key what a record's key is; null for none
 * @param gone whether a record is a tombstone
 * @param format of its value otherwise
 * @param note is logged where the writer is opened, if it is not empty
 */
record KeyedRecordWriter<T extends SpecificRecord>(
        String topic,
        SerializableFunction<T, byte[]> key,
        SerializablePredicate<T> gone,
        RecordFormat format,
        String note)
        implements KafkaRecordSerializationSchema<T> {

    private static final Logger LOG = LoggerFactory.getLogger(KeyedRecordWriter.class);

    @Override
    public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
        EndOfJob.loadAhead();
        if (!note.isEmpty()) {
            LOG.info(note);
        }
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(T record, KafkaSinkContext context, Long timestamp) {
        return new ProducerRecord<>(topic, key.apply(record), gone.test(record) ? null : format.encode(record));
    }
}
