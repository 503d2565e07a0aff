package io.contrastream.jobs.learning;

import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.ModelSettings;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.origin.InitialState;
import io.contrastream.operators.learn.origin.InitialWeights;
import io.contrastream.operators.learn.state.SavedLearner;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether a new model can start from the state or the weights that the options name, before the job is submitted. */
final class ModelStart {

    private static final Logger LOG = LoggerFactory.getLogger(ModelStart.class);

    private ModelStart() {}

    /** @throws InvalidOptionsException if the state or the file cannot be read, or does not fit the options */
    static void require(LearnOptions options) {
        if (options.initial().state().isEmpty()) {
            requireWeights(options);
        } else {
            requireState(options);
        }
    }

    private static void requireState(LearnOptions options) {
        try {
            SavedLearner saved = InitialState.read(options);
            LOG.info(
                    "the model will start from {}: version {}, {} images in memory",
                    options.initial().state(),
                    saved.state().encoder().step(),
                    saved.slots().size());
        } catch (UnsupportedFileSystemSchemeException e) {
            LOG.warn(
                    "{} is left to the TaskManager to check: {}",
                    options.initial().state(),
                    Reason.of(e));
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidOptionsException(
                    List.of(LearningSettings.INITIAL_STATE.key() + " cannot be used: " + Reason.of(e)));
        }
    }

    private static void requireWeights(LearnOptions options) {
        if (options.initial().weights().isEmpty()) {
            return;
        }
        try {
            LOG.info("the model will start from {}: {}", options.initial().weights(), InitialWeights.check(options));
        } catch (UnsupportedFileSystemSchemeException e) {
            LOG.warn(
                    "{} is left to the TaskManager to check: {}",
                    options.initial().weights(),
                    Reason.of(e));
        } catch (IOException e) {
            throw new InvalidOptionsException(
                    List.of(ModelSettings.INITIAL_WEIGHTS.key() + " cannot be used: " + Reason.of(e)));
        }
    }
}
