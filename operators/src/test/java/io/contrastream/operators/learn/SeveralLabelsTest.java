package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.EXAMPLES;
import static io.contrastream.operators.learn.LearnRun.OPTIONS;
import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.learner.Example;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images with several labels among those with one and those without. */
class SeveralLabelsTest {

    /** A third each. */
    private static final int IMAGES = 33;

    /** One of a mini-batch of four is waiting, and it has several labels. */
    private static final int STOPPED_AFTER = 21;

    @RegisterExtension
    final OpenRuns runs = new OpenRuns();

    private static Example example(int position) {
        Example example = EXAMPLES.inTurn(position, 4);
        return switch (position % 3) {
            case 0 -> new Example(example.id(), "", example.pixels(), 0);
            case 1 -> example;
            default ->
                new Example(example.id(), example.label(), example.pixels(), 0, List.of("third", "of-" + position % 2));
        };
    }

    private static LearnRun send(LearnRun run, int from, int to) throws Exception {
        for (int position = from; position < to; position++) {
            run.send(example(position));
        }
        return run;
    }

    @Test
    void anEmbeddingShowsTheFirstLabelAndEachHasAPrototype() throws Exception {
        LearnRun run = send(runs.opened(LearnRun.start(OPTIONS)), 0, 8);

        Embedding embedding = run.embeddings().get(2);
        assertThat(embedding.getLabel()).isEqualTo("class-2");
        assertThat(run.prototypes()).extracting(ClassPrototype::getLabel).contains("class-2", "third", "of-0");
    }

    @Test
    void aRestoredLearnerGoesOnWithEqualBits() throws Exception {
        assertThat(example(STOPPED_AFTER - 1).labels()).hasSize(3);
        LearnRun uninterrupted = send(runs.opened(LearnRun.start(OPTIONS)), 0, IMAGES);
        uninterrupted.endInput();
        LearnRun before = send(runs.opened(LearnRun.start(OPTIONS)), 0, STOPPED_AFTER);

        LearnRun after = send(runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START)), STOPPED_AFTER, IMAGES);
        after.endInput();

        assertThat(after.engine().state()).isEqualTo(uninterrupted.engine().state());
    }
}
