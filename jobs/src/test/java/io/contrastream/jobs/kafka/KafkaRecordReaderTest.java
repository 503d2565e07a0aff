package io.contrastream.jobs.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.operators.decode.KafkaRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class KafkaRecordReaderTest {

    private final KafkaRecordReader reader = new KafkaRecordReader();

    @Test
    void handsOnWhatCameAndWhereFrom() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("a", new byte[] {1});
        headers.add("b", null);
        headers.add("a", new byte[] {2});

        KafkaRecord read = read(record(new byte[] {3}, new byte[] {4, 5}, headers));

        assertThat(read.topic()).isEqualTo("images");
        assertThat(read.partition()).isEqualTo(7);
        assertThat(read.offset()).isEqualTo(42);
        assertThat(read.timestamp()).isEqualTo(1234);
        assertThat(read.key()).containsExactly(3);
        assertThat(read.value()).containsExactly(4, 5);
        assertThat(read.headers()).containsOnlyKeys("a", "b");
        assertThat(read.headers().get("a")).containsExactly(2);
        assertThat(read.headers().get("b")).isNull();
    }

    @Test
    void takesTombstonesWithoutKey() {
        KafkaRecord read = read(record(null, null, new RecordHeaders()));

        assertThat(read.key()).isNull();
        assertThat(read.value()).isNull();
        assertThat(read.headers()).isEmpty();
    }

    @Test
    void yieldsRecordsThatFlinkCopiesWithoutKryo() throws Exception {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        assertThat(reader.getProducedType()).isInstanceOf(PojoTypeInfo.class);
        TypeSerializer<KafkaRecord> serializer = reader.getProducedType().createSerializer(config);
        RecordHeaders headers = new RecordHeaders();
        headers.add("none", null);

        KafkaRecord copy = InstantiationUtil.deserializeFromByteArray(
                serializer,
                InstantiationUtil.serializeToByteArray(serializer, read(record(null, new byte[] {9}, headers))));

        assertThat(copy.offset()).isEqualTo(42);
        assertThat(copy.key()).isNull();
        assertThat(copy.value()).containsExactly(9);
        assertThat(copy.headers()).containsEntry("none", null);
    }

    private KafkaRecord read(ConsumerRecord<byte[], byte[]> record) {
        List<KafkaRecord> out = new ArrayList<>();
        reader.deserialize(record, new ListCollector<>(out));
        assertThat(out).hasSize(1);
        return out.get(0);
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value, RecordHeaders headers) {
        return new ConsumerRecord<>(
                "images", 7, 42L, 1234L, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
    }
}
