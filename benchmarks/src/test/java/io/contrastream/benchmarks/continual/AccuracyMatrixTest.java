package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class AccuracyMatrixTest {

    private static final Offset<Double> EXACT = within(1e-12);

    /** Accuracies 0.9; 0.5, 0.8; 0.6, 0.3, 0.7: the first stage has been told best after itself, the third one helped it. */
    private final AccuracyMatrix matrix =
            new AccuracyMatrix(List.of(10, 20, 10), List.of(List.of(9), List.of(5, 16), List.of(6, 6, 7)));

    @Test
    void anEntryIsAnAccuracyAndARowIsOneOverItsImages() {
        assertThat(matrix.accuracy(1, 0)).isEqualTo(0.5, EXACT);
        assertThat(matrix.accuracy(2, 1)).isEqualTo(0.3, EXACT);
        assertThat(matrix.accuracy(1)).isEqualTo(21.0 / 30, EXACT);
    }

    @Test
    void endAndAverageAreOfAllClassesSeen() {
        assertThat(matrix.end()).isEqualTo(19.0 / 40, EXACT);
        assertThat(matrix.average()).isEqualTo((0.9 + 0.7 + 0.475) / 3, EXACT);
    }

    @Test
    void forgettingIsFromTheBestAndBackwardTransferFromTheFirst() {
        assertThat(matrix.forgetting().orElseThrow()).isEqualTo((0.3 + 0.5) / 2, EXACT);
        assertThat(matrix.backwardTransfer().orElseThrow()).isEqualTo((-0.3 - 0.5) / 2, EXACT);

        AccuracyMatrix bestInBetween =
                new AccuracyMatrix(List.of(10, 10, 10), List.of(List.of(4), List.of(8, 5), List.of(6, 7, 9)));
        assertThat(bestInBetween.forgetting().orElseThrow()).isEqualTo((0.2 - 0.2) / 2, EXACT);
        assertThat(bestInBetween.backwardTransfer().orElseThrow()).isEqualTo((0.2 + 0.2) / 2, EXACT);
    }

    @Test
    void oneStageHasNothingToForget() {
        AccuracyMatrix one = new AccuracyMatrix(List.of(4), List.of(List.of(3)));

        assertThat(one.end()).isEqualTo(one.average()).isEqualTo(0.75, EXACT);
        assertThat(one.forgetting()).isEmpty();
        assertThat(one.backwardTransfer()).isEmpty();
    }

    @Test
    void whatIsNoTriangleOfCountsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccuracyMatrix(List.of(1, 1), List.of(List.of(1))))
                .withMessageContaining("a row for each of the 2, but there are 1 rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccuracyMatrix(List.of(1), List.of(List.of(1, 1))))
                .withMessage("row 0 must have 1 entries, but has 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccuracyMatrix(List.of(1), List.of(List.of(2))))
                .withMessage("entry 0 of row 0 must be in [0, 1], but is 2");
    }
}
