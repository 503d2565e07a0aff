package io.contrastream.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RecordJsonTest {

    private static final LabelledImage IMAGE = LabelledImage.newBuilder()
            .setId("7")
            .setLabel("plain \"star\"")
            .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
            .setEncoding(ImageEncoding.RAW_PLANAR_RGB8)
            .setWidth(1)
            .setHeight(null)
            .setEventTime(Instant.parse("2026-01-02T03:04:05.678Z"))
            .setAttributes(Map.of("source", "test"))
            .build();

    private static final Embedding EMBEDDING = Embedding.newBuilder()
            .setId("7")
            .setLabel(null)
            .setNearestLabel("star")
            .setNearestSimilarity(0.5f)
            .setVector(List.of(0.5f, -0.5f, 0.25f, 0f, 1f))
            .setEncoderVersion(3)
            .setEventTime(Instant.EPOCH)
            .setEmbeddedAt(Instant.EPOCH)
            .setOrigin(EmbeddingOrigin.LEARNED)
            .build();

    @Test
    void everyFieldIsThere() {
        assertThat(new RecordJson(false).of(IMAGE).toString())
                .isEqualTo(
                        "{\"id\":\"7\",\"label\":\"plain \\\"star\\\"\",\"image\":\"AQID\","
                                + "\"encoding\":\"RAW_PLANAR_RGB8\",\"width\":1,\"height\":null,"
                                + "\"eventTime\":\"2026-01-02T03:04:05.678Z\",\"attributes\":{\"source\":\"test\"},\"furtherLabels\":[]}");
        assertThat(new RecordJson(false).of(EMBEDDING).toString())
                .isEqualTo("{\"id\":\"7\",\"label\":null,\"nearestLabel\":\"star\",\"nearestSimilarity\":0.5,"
                        + "\"vector\":[0.5,-0.5,0.25,0.0,1.0],\"encoderVersion\":3,"
                        + "\"eventTime\":\"1970-01-01T00:00:00Z\",\"embeddedAt\":\"1970-01-01T00:00:00Z\","
                        + "\"origin\":\"LEARNED\",\"unknown\":null,"
                        + "\"furtherLabels\":[],\"furtherNearestLabels\":[],\"furtherNearestSimilarities\":[]}");
    }

    @Test
    void briefLeavesOutBytesAndMostOfAVector() {
        assertThat(new RecordJson(true).of(IMAGE).get("image").asText()).isEqualTo("3 bytes");
        assertThat(new RecordJson(true).of(EMBEDDING).get("vector").toString())
                .isEqualTo("[0.5,-0.5,0.25,0.0,\"… 5 in all\"]");
    }
}
