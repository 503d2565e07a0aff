package io.contrastream.jobs.embedding;

import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.jobs.embedding.option.EmbeddingSettings;
import io.contrastream.jobs.kafka.KafkaMapping;
import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.jobs.option.ImageMapping;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.OptionSource;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.embed.EmbedOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;

/**
 * All options of an embedding job, checked. {@code docs/options.md} describes them.
 *
 * @param name of the job in Flink
 * @param parallelism of all but the announcements, at least 1
 * @param checkpointInterval time between two checkpoints
 * @param checkpointDirectory URI where checkpoints go; empty for Flink's own setting
 * @param kafka the connection to Kafka
 * @param model whose releases are followed
 * @param release URI of the release to begin with; empty for the newest announced
 * @param decode what is accepted as an image, by the shape that images are brought to
 * @param embed how they are embedded, by that shape
 */
public record EmbeddingOptions(
        String name,
        int parallelism,
        Duration checkpointInterval,
        Optional<String> checkpointDirectory,
        KafkaOptions kafka,
        String model,
        Optional<String> release,
        Function<ImageShape, DecodeOptions> decode,
        Function<ImageShape, EmbedOptions> embed) {

    /**
     * Reads {@code --config FILE} and {@code --key value} arguments.
     *
     * @throws InvalidOptionsException listing every problem that was found, if there is one
     */
    public static EmbeddingOptions parse(String... arguments) {
        OptionSource source = OptionSource.of(arguments);
        return of(source.configuration(), source.problems());
    }

    private static EmbeddingOptions of(Configuration configuration, List<String> earlierProblems) {
        OptionValues values = EmbeddingJobSettings.values(configuration);
        KafkaMapping kafka = new KafkaMapping(values, EmbeddingJobSettings.TOPICS);
        kafka.check();
        values.throwIfInvalid(earlierProblems);
        return new EmbeddingOptions(
                values.get(JobSettings.NAME),
                values.get(JobSettings.PARALLELISM),
                values.get(JobSettings.CHECKPOINT_INTERVAL),
                values.find(JobSettings.CHECKPOINT_DIRECTORY).map(Location::uri),
                kafka.options(),
                values.get(EmbeddingSettings.MODEL),
                values.find(EmbeddingSettings.RELEASE).map(Location::uri),
                new ImageMapping(values)::decodeOptions,
                images -> new EmbedOptions(
                        images,
                        values.get(EmbeddingSettings.BATCH_SIZE),
                        values.get(EmbeddingSettings.BATCH_DELAY),
                        values.get(EmbeddingSettings.THREADS),
                        values.get(EmbeddingSettings.FALSE_ALARM_RATE),
                        values.get(EmbeddingSettings.NEAREST_LABELS)));
    }
}
