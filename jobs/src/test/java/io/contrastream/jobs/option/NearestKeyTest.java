package io.contrastream.jobs.option;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.option.LearningJobSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestKeyTest {

    @ParameterizedTest
    @CsvSource({
        "learner.batchsize, learner.batch-size",
        "learner.batchSize, learner.batch-size",
        "learner.batch_size, learner.batch-size",
        "learner.bacth-size, learner.batch-size",
        "temperature, loss.temperature",
        "replay.capacity, learner.replay.capacity",
        "learner.capacity, learner.replay.capacity",
        "kafka.bootstrap.servers, kafka.bootstrap-servers",
        "bootstrap-servers, kafka.bootstrap-servers",
        "optimizer.learning-rat, optimizer.learning-rate",
        "optimiser.kind, optimizer.kind",
        "encoder.normalisation.std, encoder.normalization.std",
    })
    void suggestsWhatWasMeant(String written, String meant) {
        assertThat(NearestKey.to(written, LearningJobSettings.ALL.keys())).contains(meant);
    }

    @Test
    void suggestsNothingThatIsNotLikeIt() {
        assertThat(NearestKey.to("colour", LearningJobSettings.ALL.keys())).isEmpty();
        assertThat(NearestKey.to("", LearningJobSettings.ALL.keys())).isEmpty();
    }
}
