package io.contrastream.learning.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.GoldenLines;
import io.contrastream.learning.encoder.LearningRateSchedule.Decay;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {

    @Test
    void isThatOfPyTorchsSchedulers() throws IOException {
        for (String[] cells : GoldenLines.of("schedule.csv")) {
            LearningRateSchedule schedule = new LearningRateSchedule(
                    Integer.parseInt(cells[0]), Decay.COSINE, Integer.parseInt(cells[1]), Double.parseDouble(cells[2]));
            OptimizerOptions options =
                    new OptimizerOptions(OptimizerOptions.Kind.SGD, 0.3, schedule, 0, 0.9, 0.999, 1e-8, 0);
            assertThat(options.learningRateAt(Long.parseLong(cells[3])))
                    .as("%s at step %s", schedule, cells[3])
                    .isCloseTo(Double.parseDouble(cells[4]), within(1e-14));
        }
    }

    @Test
    void growsLinearlyAndStaysWhereItIsConstant() {
        LearningRateSchedule schedule = new LearningRateSchedule(3, Decay.CONSTANT, 2, 0.5);
        assertThat(new double[] {
                    schedule.factorAt(0),
                    schedule.factorAt(1),
                    schedule.factorAt(2),
                    schedule.factorAt(3),
                    schedule.factorAt(4),
                    schedule.factorAt(1_000_000)
                })
                .containsExactly(0.25, 0.5, 0.75, 1, 1, 1);
    }

    @Test
    void startsToFallAtTheFirstStepWithoutAWarmUp() {
        LearningRateSchedule schedule = new LearningRateSchedule(0, Decay.COSINE, 2, 0.5);
        assertThat(schedule.factorAt(0)).isEqualTo(1);
        assertThat(schedule.factorAt(1)).isCloseTo(0.75, within(1e-15));
        assertThat(schedule.factorAt(2)).isEqualTo(0.5);
        assertThat(schedule.factorAt(Long.MAX_VALUE)).isEqualTo(0.5);
    }

    @Test
    void refusesWhatIsOutOfRangeByName() {
        assertThatThrownBy(() -> new LearningRateSchedule(-1, Decay.COSINE, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("warm-up steps must be at least 0, but is -1");
        assertThatThrownBy(() -> new LearningRateSchedule(0, Decay.COSINE, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("decay steps must be at least 1, but is 0");
        assertThatThrownBy(() -> new LearningRateSchedule(0, Decay.COSINE, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("final fraction must be in (0, 1], but is 0.0");
    }
}
