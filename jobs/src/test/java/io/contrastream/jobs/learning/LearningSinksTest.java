package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningSinksTest {

    @Test
    void writesPrototypes() {
        ClassPrototype prototype = new ClassPrototype("cat", List.of(0.6f, 0.8f), 3, 0.9f, 7L, Instant.EPOCH);

        assertThat(LearningSinks.isLost(prototype)).isFalse();
    }

    @Test
    void writesATombstoneForAClassThatHasLostItsPrototype() {
        ClassPrototype lost = new ClassPrototype("cat", List.of(), 0, 0f, 7L, Instant.EPOCH);

        assertThat(LearningSinks.isLost(lost)).isTrue();
    }

    @Test
    void writesATombstoneForAnImageThatHasBeenForgotten() {
        Embedding learned = Embedding.newBuilder()
                .setId("cat-1")
                .setVector(List.of(0.6f, 0.8f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build();
        Embedding forgotten = Embedding.newBuilder(learned).setVector(List.of()).build();

        assertThat(LearningSinks.isForgotten(learned)).isFalse();
        assertThat(LearningSinks.isForgotten(forgotten)).isTrue();
    }
}
