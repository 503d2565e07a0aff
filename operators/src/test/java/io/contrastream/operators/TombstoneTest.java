package io.contrastream.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TombstoneTest {

    @Test
    void standsForAnImageWithoutLabelOrVector() {
        Instant at = Instant.ofEpochMilli(5);

        Embedding tombstone = Tombstone.of("cat-1", 7, at);

        assertThat(tombstone.getId()).isEqualTo("cat-1");
        assertThat(tombstone.getLabel()).isNull();
        assertThat(tombstone.getNearestLabel()).isNull();
        assertThat(tombstone.getVector()).isEmpty();
        assertThat(tombstone.getEncoderVersion()).isEqualTo(7);
        assertThat(tombstone.getEmbeddedAt()).isEqualTo(at);
        assertThat(tombstone.getOrigin()).isEqualTo(EmbeddingOrigin.UNKNOWN);
    }

    @Test
    void isToldFromAnEmbedding() {
        Embedding learned = Embedding.newBuilder()
                .setId("cat-1")
                .setVector(List.of(0.6f, 0.8f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build();

        assertThat(Tombstone.is(learned)).isFalse();
        assertThat(Tombstone.is(
                        Embedding.newBuilder(learned).setVector(List.of()).build()))
                .isTrue();
        assertThat(Tombstone.is(Tombstone.of("cat-1", 1, Instant.EPOCH))).isTrue();
    }
}
