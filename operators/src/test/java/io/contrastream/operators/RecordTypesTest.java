package io.contrastream.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.GivenLabel;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.decode.Query;
import io.contrastream.operators.decode.UnlabelledImage;
import io.contrastream.operators.learn.LearnFunction;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No record on an edge or in a state is left to Kryo. */
class RecordTypesTest {

    private static <T> TypeSerializer<T> serializer(TypeInformation<T> type) {
        SerializerConfigImpl withoutKryo = new SerializerConfigImpl();
        withoutKryo.setGenericTypes(false);
        return type.createSerializer(withoutKryo);
    }

    private static <T> T roundTrip(TypeSerializer<T> serializer, T value) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(value, out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }

    @Test
    void kafkaRecordsArePojos() throws IOException {
        TypeInformation<KafkaRecord> type = TypeInformation.of(KafkaRecord.class);
        assertThat(type).isInstanceOf(PojoTypeInfo.class);
        TypeSerializer<KafkaRecord> serializer = serializer(type);
        assertThat(serializer).isInstanceOf(PojoSerializer.class);
        Map<String, byte[]> headers = new HashMap<>();
        headers.put("with", new byte[] {3});
        headers.put("without", null);

        KafkaRecord copy =
                roundTrip(serializer, new KafkaRecord("topic", 1, 2, 3, new byte[] {1}, new byte[] {2, 2}, headers));

        assertThat(copy.topic()).isEqualTo("topic");
        assertThat(copy.partition()).isEqualTo(1);
        assertThat(copy.offset()).isEqualTo(2);
        assertThat(copy.timestamp()).isEqualTo(3);
        assertThat(copy.key()).containsExactly(1);
        assertThat(copy.value()).containsExactly(2, 2);
        assertThat(copy.headers()).containsOnlyKeys("with", "without");
        assertThat(copy.headers().get("with")).containsExactly(3);
        assertThat(copy.headers().get("without")).isNull();
    }

    @Test
    void kafkaRecordsWithoutKeyAndValueArePojosToo() throws IOException {
        TypeSerializer<KafkaRecord> serializer = serializer(TypeInformation.of(KafkaRecord.class));

        KafkaRecord copy = roundTrip(serializer, new KafkaRecord("topic", 0, 0, -1, null, null, Map.of()));

        assertThat(copy.key()).isNull();
        assertThat(copy.value()).isNull();
        assertThat(copy.headers()).isEmpty();
    }

    @Test
    void imagesAndLabelsThatComeByThemselvesArePojos() throws IOException {
        KafkaRecord record = new KafkaRecord("topic", 1, 2, 3, new byte[] {1}, null, Map.of());

        UnlabelledImage image =
                roundTrip(serializer(TypeInformation.of(UnlabelledImage.class)), new UnlabelledImage("id", record));
        GivenLabel label =
                roundTrip(serializer(TypeInformation.of(GivenLabel.class)), new GivenLabel("id", null, record));

        assertThat(image.id()).isEqualTo("id");
        assertThat(image.isTombstone()).isTrue();
        assertThat(image.record().offset()).isEqualTo(2);
        assertThat(label.isTombstone()).isTrue();
        assertThat(label.record().key()).containsExactly(1);
    }

    @Test
    void examplesArePojos() throws IOException {
        TypeInformation<Example> type = TypeInformation.of(Example.class);
        assertThat(type).isInstanceOf(PojoTypeInfo.class);
        TypeSerializer<Example> serializer = serializer(type);
        assertThat(serializer).isInstanceOf(PojoSerializer.class);

        Example copy = roundTrip(serializer, new Example("id", "label", new byte[] {1, -1}, 5, List.of("other")));

        assertThat(copy.id()).isEqualTo("id");
        assertThat(copy.label()).isEqualTo("label");
        assertThat(copy.pixels()).containsExactly(1, -1);
        assertThat(copy.eventTimeMillis()).isEqualTo(5);
        assertThat(copy.furtherLabels()).containsExactly("other");
    }

    @Test
    void queriesArePojosWithAndWithoutLabels() throws IOException {
        TypeInformation<Query> type = TypeInformation.of(Query.class);
        assertThat(type).isInstanceOf(PojoTypeInfo.class);

        Query bare = roundTrip(serializer(type), new Query("id", new byte[] {1}, 5));
        Query labelled = roundTrip(serializer(type), new Query("id", "label", List.of("other"), new byte[] {1}, 5));

        assertThat(bare.label()).isNull();
        assertThat(bare.furtherLabels()).isEmpty();
        assertThat(labelled.label()).isEqualTo("label");
        assertThat(labelled.furtherLabels()).containsExactly("other");
    }

    @Test
    void whatTheLearnerReadsIsAnExampleOrAnOrderToForget() throws IOException {
        TypeSerializer<Either<Example, Forget>> serializer = serializer(ExampleDecoder.OUTPUT);

        assertThat(roundTrip(serializer, Either.<Example, Forget>Right(new Forget("id"))))
                .isEqualTo(Either.Right(new Forget("id")));
        assertThat(roundTrip(serializer, Either.<Example, Forget>Left(new Example("id", "label", new byte[] {1}, 5)))
                        .left()
                        .label())
                .isEqualTo("label");
        assertThat(TypeInformation.of(Forget.class)).isInstanceOf(PojoTypeInfo.class);
    }

    @ParameterizedTest
    @ValueSource(classes = {Embedding.class, ClassPrototype.class, LearningReport.class, RejectedRecord.class})
    void recordsOfTopicsAreAvro(Class<?> record) {
        TypeInformation<?> type = TypeInformation.of(record);

        assertThat(type).isInstanceOf(AvroTypeInfo.class);
        assertThat(serializer(type)).isInstanceOf(AvroSerializer.class);
    }

    @Test
    void sideOutputsAreAvro() {
        assertThat(LearnFunction.PROTOTYPES.getTypeInfo()).isEqualTo(new AvroTypeInfo<>(ClassPrototype.class));
        assertThat(LearnFunction.REPORTS.getTypeInfo()).isEqualTo(new AvroTypeInfo<>(LearningReport.class));
        assertThat(DecodeFunction.REJECTED.getTypeInfo()).isEqualTo(new AvroTypeInfo<>(RejectedRecord.class));
    }
}
