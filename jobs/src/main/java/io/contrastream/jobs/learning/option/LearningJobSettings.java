package io.contrastream.jobs.learning.option;

import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Settings;
import java.util.List;
import org.apache.flink.configuration.Configuration;

/** All options of the learning job. */
public final class LearningJobSettings {

    public static final Settings ALL = Settings.of(List.of(
            KafkaSettings.with(TopicSettings.ALL),
            LateLabelSettings.ALL,
            ModelSettings.ALL,
            LearningSettings.ALL,
            AugmentSettings.ALL,
            ReleaseSettings.ALL,
            JobSettings.ALL));

    /** Options that a release tells of how its encoder came about: none of these can be a secret. */
    public static final Settings OF_THE_MODEL =
            Settings.of(List.of(ModelSettings.ALL, LearningSettings.ALL, AugmentSettings.ALL, ReleaseSettings.ALL));

    private LearningJobSettings() {}

    /** Their values in a configuration, with what its recipe says where nothing is set. */
    public static OptionValues values(Configuration configuration) {
        return new OptionValues(ALL, Recipe.completed(configuration));
    }
}
