package io.contrastream.operators.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import java.io.IOException;
import java.time.Duration;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class LearnOptionsTest {

    private static LearnOptions options(String model, Duration flush, Duration report) {
        LearnOptions base = LearnRun.OPTIONS;
        return new LearnOptions(
                model,
                base.encoder(),
                InitialModel.OF_SEED,
                base.training(),
                base.device(),
                base.learner(),
                flush,
                report,
                ReplicaOptions.ONE);
    }

    @Test
    void refusesWhatIsOutOfRange() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> options("", second, second))
                .hasMessage("model name must have 1 to 256 characters, but has 0");
        assertThatThrownBy(() -> options("m".repeat(257), second, second))
                .hasMessage("model name must have 1 to 256 characters, but has 257");
        assertThatThrownBy(() -> options("m", Duration.ZERO, second))
                .hasMessage("flush interval must be at least 1 ms, but is PT0S");
        assertThatThrownBy(() -> options("m", second, Duration.ofMillis(-5)))
                .hasMessage("report interval must be at least 1 ms, but is PT-0.005S");
    }

    @Test
    void travelsToTheTask() throws IOException, ClassNotFoundException {
        LearnFunction function = new LearnFunction(LearnRun.OPTIONS);

        assertThat(InstantiationUtil.clone(LearnRun.OPTIONS)).isEqualTo(LearnRun.OPTIONS);
        assertThat(InstantiationUtil.clone(function)).isNotSameAs(function);
    }
}
