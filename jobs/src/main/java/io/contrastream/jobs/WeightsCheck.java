package io.contrastream.jobs;

import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.ModelSettings;
import io.contrastream.operators.learn.InitialWeights;
import io.contrastream.operators.learn.LearnOptions;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether a new model can start from the weights that the options name, before the job is submitted. */
final class WeightsCheck {

    private static final Logger LOG = LoggerFactory.getLogger(WeightsCheck.class);

    private WeightsCheck() {}

    /** @throws InvalidOptionsException if the file cannot be read, or does not fit the network */
    static void require(LearnOptions options) {
        if (options.initialWeights().isEmpty()) {
            return;
        }
        try {
            LOG.info("the model will start from {}: {}", options.initialWeights(), InitialWeights.check(options));
        } catch (UnsupportedFileSystemSchemeException e) {
            LOG.warn("{} is left to the TaskManager to check: {}", options.initialWeights(), e.getMessage());
        } catch (IOException e) {
            throw new InvalidOptionsException(
                    List.of(ModelSettings.INITIAL_WEIGHTS.key() + " cannot be used: " + e.getMessage()));
        }
    }
}
