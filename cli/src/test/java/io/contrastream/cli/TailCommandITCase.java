package io.contrastream.cli;

import static io.contrastream.cli.SharedBroker.run;
import static io.contrastream.cli.SharedBroker.send;
import static io.contrastream.cli.SharedBroker.tail;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records of every kind, and what is none, as lines of JSON. */
@ExtendWith(SharedBroker.class)
final class TailCommandITCase {

    static List<SpecificRecord> recordsOfEveryTopic() {
        return List.of(
                ImageQuery.newBuilder()
                        .setId("q")
                        .setImage(ByteBuffer.wrap(new byte[] {1}))
                        .setEncoding(ImageEncoding.JPEG)
                        .setEventTime(Instant.EPOCH)
                        .build(),
                Embedding.newBuilder()
                        .setId("e")
                        .setVector(List.of(1f, 0f))
                        .setEncoderVersion(1)
                        .setEventTime(Instant.EPOCH)
                        .setEmbeddedAt(Instant.EPOCH)
                        .setOrigin(EmbeddingOrigin.QUERIED)
                        .build(),
                ClassPrototype.newBuilder()
                        .setLabel("p")
                        .setVector(List.of(1f))
                        .setSupport(1)
                        .setDispersion(1)
                        .setEncoderVersion(1)
                        .setUpdatedAt(Instant.EPOCH)
                        .build(),
                LearningReport.newBuilder()
                        .setModel("m")
                        .setEncoderVersion(1)
                        .setImagesSeen(1)
                        .setPrequentialAccuracy(0)
                        .setWindowAccuracy(0)
                        .setWindowSize(0)
                        .setReplaySize(0)
                        .setReplayCapacity(1)
                        .setClasses(0)
                        .setImagesPerSecond(0)
                        .setSkippedSteps(0)
                        .setReportedAt(Instant.EPOCH)
                        .build(),
                EncoderRelease.newBuilder()
                        .setModel("m")
                        .setEncoderVersion(1)
                        .setUri("file:///r")
                        .setSha256("0")
                        .setMetrics(Map.of("windowAccuracy", 0.5))
                        .setReleasedAt(Instant.EPOCH)
                        .build(),
                RejectedRecord.newBuilder()
                        .setReason("empty-payload")
                        .setMessage("nothing")
                        .setTopic("labelled-images")
                        .setPartition(0)
                        .setOffset(3)
                        .setTimestamp(Instant.EPOCH)
                        .setHeaders(Map.of("h", ByteBuffer.wrap(new byte[] {1})))
                        .setPayload(ByteBuffer.allocate(0))
                        .setPayloadSize(0)
                        .setRejectedAt(Instant.EPOCH)
                        .build());
    }

    @ParameterizedTest
    @MethodSource("recordsOfEveryTopic")
    void recordsOfEveryKindAreTailed(SpecificRecord record) throws Exception {
        String type = record.getSchema().getName();
        assertThat(run("topics", "create", "--name", "rejected-images=tail-" + type)
                        .exitCode())
                .isZero();
        send("tail-" + type, "key", SingleObject.encode(record));

        List<JsonNode> lines = tail("tail-" + type, "--to-end");

        assertThat(lines).hasSize(1);
        JsonNode line = lines.get(0);
        assertThat(line.get("key").asText()).isEqualTo("key");
        assertThat(line.get("type").asText()).isEqualTo(type);
        record.getSchema()
                .getFields()
                .forEach(
                        field -> assertThat(line.get("value").has(field.name())).isTrue());
    }

    @Test
    void whatIsNoRecordIsTailedWithTheReason() throws Exception {
        assertThat(run("topics", "create", "--name", "rejected-images=garbage").exitCode())
                .isZero();
        send("garbage", "text", "hello there".getBytes(StandardCharsets.UTF_8));
        send("garbage", "tombstone", null);

        List<JsonNode> lines = tail("garbage", "--to-end");

        assertThat(lines.get(0).get("error").asText()).contains("C3 01");
        assertThat(lines.get(0).get("bytes").binaryValue())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("hello there");
        assertThat(lines.get(1).get("value").isNull()).isTrue();
        assertThat(lines.get(1).has("error")).isFalse();
    }
}
