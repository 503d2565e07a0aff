package io.contrastream.jobs.learning;

import io.contrastream.jobs.learning.option.LearningJobSettings;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.learn.option.LearnOptions;
import java.util.List;
import org.apache.flink.configuration.Configuration;

/**
 * The options of a learning job that say what is learned and how, checked: for those who learn as it does, but without Kafka.
 *
 * @param decode what is accepted as an image
 * @param learn the model and how it learns
 */
public record ModelOptions(DecodeOptions decode, LearnOptions learn) {

    /**
     * Takes the options from a configuration; what it does not set has the job's default.
     *
     * @throws InvalidOptionsException listing every problem that was found, if there is one
     */
    public static ModelOptions of(Configuration configuration) {
        OptionValues values = LearningJobSettings.values(configuration);
        ModelMapping model = new ModelMapping(values);
        model.check();
        values.throwIfInvalid(List.of());
        return new ModelOptions(model.decodeOptions(), model.learnOptions());
    }
}
