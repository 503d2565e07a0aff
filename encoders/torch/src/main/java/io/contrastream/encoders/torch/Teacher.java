package io.contrastream.encoders.torch;

import io.contrastream.learning.objective.Distill;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The teacher of a {@link Distill}: the averages of all arrays, asked about some of a step's views. */
final class Teacher implements AutoCloseable {

    private final Upload sources;
    private final Upload rows;

    /** @param moved called before its inputs move */
    Teacher(Target target, Runnable moved) {
        this.sources = new Upload(target, ScalarType.Int, moved);
        this.rows = new Upload(target, ScalarType.Int, moved);
    }

    /**
     * Sends which view answers for which.
     *
     * @param answering position of the view that answers for each view, [V]
     * @return how many different ones there are
     */
    int send(int[] answering) {
        int[] distinct = Arrays.stream(answering).distinct().sorted().toArray();
        sources.send(distinct);
        rows.send(Arrays.stream(answering)
                .map(view -> Arrays.binarySearch(distinct, view))
                .toArray());
        return distinct.length;
    }

    /**
     * Its answers for each view, [V, capacity].
     *
     * @param views [V, C, H, W]
     * @param asked what {@link #send} gave back
     */
    Tensor answers(Distill term, Tensor views, int asked, Program program, Weights weights, ClassifierHead head) {
        Tensor chosen = Native.channelsLast(views.index_select(0, sources.received(asked)));
        weights.useAverages(true);
        try {
            Tensor output = program.evaluate(program.output(term.tap()), chosen); // [asked, D]
            return torch.linear(output, head.averageWeight(), Native.optional(head.averageBias()))
                    .index_select(0, rows.received(views.size(0)));
        } finally {
            weights.useAverages(false);
        }
    }

    /** The ways to the device. */
    Stream<Upload> uploads() {
        return Stream.of(sources, rows);
    }

    @Override
    public void close() {
        sources.close();
        rows.close();
    }
}
