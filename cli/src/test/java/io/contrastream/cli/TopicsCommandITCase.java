package io.contrastream.cli;

import static io.contrastream.cli.SharedBroker.run;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Topics made and listed, and those that are not there. */
@ExtendWith(SharedBroker.class)
final class TopicsCommandITCase {

    @Test
    void topicsAreCreatedOnceAndListed() {
        assertThat(run("topics", "create", "--name", "labelled-images=photos").out())
                .contains("created  photos (4 partitions, delete)", "exists   prototypes (1 partition, compact)");
        Console again = run("topics", "create", "--name", "labelled-images=photos");
        assertThat(again.out())
                .contains("exists   photos (4 partitions, delete)")
                .doesNotContain("created");

        assertThat(run("topics", "list", "--name", "image-queries=nothing").out())
                .containsPattern("embeddings +2 +1 +compact +\\d+")
                .containsPattern("nothing +missing");
    }

    @Test
    void aTopicThatIsNotThereIsNamed() {
        Console tail = run("tail", "nothing-here");
        assertThat(tail.exitCode()).isEqualTo(1);
        assertThat(tail.err())
                .isEqualTo("contrastream: there is no topic 'nothing-here' at " + SharedBroker.bootstrapServers()
                        + System.lineSeparator());

        Console produce = run("produce", "--topic", "nothing-here", "--classes", "2", "--limit", "4");
        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.err())
                .contains("there is no topic 'nothing-here'", "topics create", "--name labelled-images=nothing-here");
    }
}
