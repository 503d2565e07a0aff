package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.SingleObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningSinksTest {

    @Test
    void writesPrototypes() throws Exception {
        ClassPrototype prototype = new ClassPrototype("cat", List.of(0.6f, 0.8f), 3, 0.9f, 7L, Instant.EPOCH);

        assertThat(SingleObject.decode(LearningSinks.prototype(prototype))).isEqualTo(prototype);
    }

    @Test
    void writesATombstoneForAClassThatHasLostItsPrototype() {
        ClassPrototype lost = new ClassPrototype("cat", List.of(), 0, 0f, 7L, Instant.EPOCH);

        assertThat(LearningSinks.prototype(lost)).isNull();
    }

    @Test
    void writesATombstoneForAnImageThatHasBeenForgotten() throws Exception {
        Embedding learned = Embedding.newBuilder()
                .setId("cat-1")
                .setVector(List.of(0.6f, 0.8f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build();
        Embedding forgotten = Embedding.newBuilder(learned).setVector(List.of()).build();

        assertThat(SingleObject.decode(LearningSinks.embedding(learned))).isEqualTo(learned);
        assertThat(LearningSinks.embedding(forgotten)).isNull();
    }
}
