package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.EXAMPLES;
import static io.contrastream.operators.learn.LearnRun.OPTIONS;
import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.learn.watch.MemoryShift;
import io.contrastream.operators.learn.watch.ReportWindow;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LearningReport;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images without label among those with one. */
class UnlabelledTest {

    /** One of three has no label. */
    private static final int IMAGES = 33;

    /** One of a mini-batch of four is waiting, and it has no label. */
    private static final int STOPPED_AFTER = 21;

    @RegisterExtension
    final OpenRuns runs = new OpenRuns();

    private static LearnRun send(LearnRun run, int from, int to) throws Exception {
        for (int position = from; position < to; position++) {
            Example example = EXAMPLES.inTurn(position, 4);
            run.send(position % 3 == 2 ? new Example(example.id(), "", example.pixels(), 0) : example);
        }
        return run;
    }

    @Test
    void anImageWithoutLabelIsPublishedWithoutOne() throws Exception {
        LearnRun run = send(runs.opened(LearnRun.start(OPTIONS)), 0, 8);

        List<Embedding> without = run.embeddings().stream()
                .filter(embedding -> embedding.getLabel() == null)
                .toList();
        assertThat(without).extracting(Embedding::getId).containsExactly("2/0", "1/1");
        assertThat(without.get(1).getNearestLabel()).isEqualTo("class-1");
    }

    @Test
    void aRestoredLearnerGoesOnAndCountsOn() throws Exception {
        LearnRun uninterrupted = send(runs.opened(LearnRun.start(OPTIONS)), 0, IMAGES);
        uninterrupted.endInput();
        LearnRun before = send(runs.opened(LearnRun.start(OPTIONS)), 0, STOPPED_AFTER);

        LearnRun after = send(runs.opened(LearnRun.restore(OPTIONS, before.snapshot(), START)), STOPPED_AFTER, IMAGES);
        after.endInput();

        assertThat(after.engine().state()).isEqualTo(uninterrupted.engine().state());
        List<Embedding> both = new ArrayList<>(before.embeddings());
        both.addAll(after.embeddings());
        assertThat(both).isEqualTo(uninterrupted.embeddings());
        for (LearningReport report :
                List.of(after.reports().get(0), uninterrupted.reports().get(0))) {
            assertThat(report.getImagesSeen()).isEqualTo(22);
            assertThat(report.getImagesUnlabelled()).isEqualTo(11);
        }
    }

    @Test
    void figuresOfAnEarlierVersionHaveNoneOfThem() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(1);
        out.writeLong(3); // forgotten
        out.writeLong(4); // moved
        out.writeBoolean(true);
        out.writeDouble(0.5);
        out.writeDouble(0.25);
        out.writeInt(0); // images that are followed
        MemoryShift shift = new MemoryShift();
        ReportWindow window = new ReportWindow(OPTIONS, shift, START);

        window.restore(bytes.toByteArray());

        assertThat(window.takenBack().moved()).isEqualTo(4);
        assertThat(shift.newest().orElseThrow().neighbourOverlap()).isEqualTo(0.25);
        assertThat(window.unlabelled()).isZero();
        MemoryShift shiftAgain = new MemoryShift();
        ReportWindow again = new ReportWindow(OPTIONS, shiftAgain, START);
        again.restore(window.state());
        assertThat(shiftAgain.newest()).isEqualTo(shift.newest());
        byte[] newer = window.state();
        newer[3] = 3;
        assertThatThrownBy(() -> again.restore(newer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format version 3, but only versions up to 2 can be read");
    }
}
