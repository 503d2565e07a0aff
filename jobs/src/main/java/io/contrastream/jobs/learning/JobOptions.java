package io.contrastream.jobs.learning;

import io.contrastream.jobs.kafka.KafkaMapping;
import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.jobs.learning.option.LateLabelSettings;
import io.contrastream.jobs.learning.option.LearningJobSettings;
import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.OptionSource;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Setting;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.operators.join.JoinOptions;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.release.ReleaseOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;

/**
 * All options of a learning job, checked. {@code docs/options.md} describes them.
 *
 * @param name of the job in Flink
 * @param parallelism of reading and decoding, at least 1
 * @param checkpointInterval time between two checkpoints
 * @param checkpointDirectory URI where checkpoints go; empty for Flink's own setting
 * @param kafka the connection to Kafka
 * @param lateLabels how images and labels wait for each other; empty if images come with their labels
 * @param decode what is accepted as an image
 * @param unlabelled whether images without label are rejected
 * @param severalLabels whether images with several labels are rejected
 * @param learn the model and how it learns
 * @param release when it is released
 */
public record JobOptions(
        String name,
        int parallelism,
        Duration checkpointInterval,
        Optional<String> checkpointDirectory,
        KafkaOptions kafka,
        Optional<JoinOptions> lateLabels,
        DecodeOptions decode,
        Unlabelled unlabelled,
        SeveralLabels severalLabels,
        LearnOptions learn,
        ReleaseOptions release) {

    /**
     * Reads {@code --config FILE} and {@code --key value} arguments.
     *
     * @throws InvalidOptionsException listing every problem that was found, if there is one
     */
    public static JobOptions parse(String... arguments) {
        OptionSource source = OptionSource.of(arguments);
        return of(source.configuration(), source.problems());
    }

    /**
     * Takes the options from a configuration that holds nothing else.
     *
     * @throws InvalidOptionsException listing every problem that was found, if there is one
     */
    public static JobOptions of(Configuration configuration) {
        return of(configuration, List.of());
    }

    /** No record for a rejected image is larger. */
    long largestRejectionBytes() {
        return (long) decode.rejectedPayloadBytes() + KafkaMapping.REJECTION_OVERHEAD_BYTES;
    }

    private static JobOptions of(Configuration configuration, List<String> earlierProblems) {
        OptionValues values = LearningJobSettings.values(configuration);
        boolean lateLabels = values.isSet(TopicSettings.IMAGES) || values.isSet(TopicSettings.LABELS);
        KafkaMapping kafka =
                new KafkaMapping(values, lateLabels ? TopicSettings.TOPICS_OF_LATE_LABELS : TopicSettings.TOPICS);
        ModelMapping model = new ModelMapping(values);
        kafka.check();
        if (lateLabels) {
            checkLateLabels(values);
        }
        model.check();
        values.throwIfInvalid(earlierProblems);
        return new JobOptions(
                values.get(JobSettings.NAME),
                values.get(JobSettings.PARALLELISM),
                values.get(JobSettings.CHECKPOINT_INTERVAL),
                values.find(JobSettings.CHECKPOINT_DIRECTORY).map(Location::uri),
                kafka.options(),
                lateLabels ? Optional.of(joinOptions(values)) : Optional.empty(),
                model.decodeOptions(),
                values.get(LearningSettings.UNLABELLED),
                values.get(LearningSettings.SEVERAL_LABELS),
                model.learnOptions(),
                model.releaseOptions());
    }

    private static void checkLateLabels(OptionValues values) {
        requireBoth(values, TopicSettings.IMAGES, TopicSettings.LABELS);
        requireBoth(values, TopicSettings.LABELS, TopicSettings.IMAGES);
        values.require(
                () -> !values.isSet(TopicSettings.LABELLED_IMAGES),
                () -> TopicSettings.LABELLED_IMAGES.key() + " is "
                        + values.written(TopicSettings.LABELLED_IMAGES)
                        + ", but must not be set where images come from "
                        + TopicSettings.IMAGES.key() + ": a job has one topic of images",
                TopicSettings.LABELLED_IMAGES);
    }

    private static void requireBoth(OptionValues values, Setting<String> set, Setting<String> other) {
        values.require(
                () -> !values.isSet(set) || values.isSet(other),
                () -> set.key() + " is " + values.written(set) + ", but " + other.key()
                        + " is not set: set both, or neither for images that come with their labels",
                set,
                other);
    }

    private static JoinOptions joinOptions(OptionValues values) {
        return new JoinOptions(
                values.get(LateLabelSettings.TIME_TO_LIVE),
                values.get(LateLabelSettings.OUT_OF_ORDERNESS),
                values.get(LateLabelSettings.IDLENESS));
    }
}
