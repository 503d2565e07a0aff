package io.contrastream.encoders.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Labels of rows on the device, as numbers.
 *
 * @param numbers [N]; or [N, L] where rows have several, a row's first one first, and again where it has fewer than L. Below 0 for rows
 *     without label
 */
record RowLabels(Tensor numbers) {

    /** Those of a step as the host has sent them, [N · columns]. */
    static RowLabels of(Tensor sent, int columns) {
        return new RowLabels(columns == 1 ? sent : sent.view(-1, columns));
    }

    private boolean several() {
        return numbers.dim() == 2;
    }

    /** 1 where two rows share a label, else 0, [N, N]. */
    Tensor shared() {
        if (!several()) {
            return numbers.unsqueeze(1).eq(numbers.unsqueeze(0)).toType(ScalarType.Float);
        }
        Tensor shared = null; // [N, N]
        for (long column = 0; column < numbers.size(1); column++) {
            Tensor other = numbers.select(1, column).view(1, -1, 1);
            Tensor found = numbers.unsqueeze(1).eq(other).any(2);
            shared = shared == null ? found : shared.logical_or_(found);
        }
        return shared.toType(ScalarType.Float);
    }

    /**
     * Whether a row has a class as label, [N, capacity].
     *
     * @param classes their numbers, [capacity]
     */
    Tensor among(Tensor classes) {
        return several()
                ? numbers.unsqueeze(2).eq(classes).any(1)
                : numbers.unsqueeze(1).eq(classes);
    }

    /**
     * Targets of a classifier: the same for each of a row's labels, 1 in all, [N, capacity].
     *
     * @param right whether a row has a class as label, and the class counts, [N, capacity]
     */
    Tensor targets(Tensor right) {
        Tensor marks = right.toType(ScalarType.Float);
        return several()
                ? marks.div(marks.sum(new long[] {1}, true, Native.noType()).clamp_min(new Scalar(1f)))
                : marks;
    }

    /** Whether a row has a label, [N, 1]. */
    Tensor labelled() {
        return (several() ? numbers.narrow(1, 0, 1) : numbers.unsqueeze(1)).ge(new Scalar(0));
    }
}
