package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.ClassPrototype;
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
}
