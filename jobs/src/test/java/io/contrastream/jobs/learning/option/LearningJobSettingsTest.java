package io.contrastream.jobs.learning.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Setting;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LearningJobSettingsTest {

    @ParameterizedTest
    @MethodSource("all")
    void hasADescriptionThatIsASentenceAndAnAllowedDefault(Setting<?> setting) {
        assertThat(setting.key()).matches("[a-z0-9]+(-[a-z0-9]+)*(\\.[a-z0-9]+(-[a-z0-9]+)*)+");
        assertThat(OptionsReference.description(setting)).matches("(?s)[A-Z0-9].*\\.");
        assertThat(LearningJobSettings.values(new Configuration()).find(setting).isPresent())
                .isEqualTo(setting.option().hasDefaultValue());
    }

    @ParameterizedTest
    @MethodSource("all")
    void refusesWhatIsNoValueAtAll(Setting<?> setting) {
        assertThat(problems(setting.key(), ""))
                .singleElement()
                .asString()
                .startsWith(setting.key() + " is '', but must be ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    loss.temperature | 0 | loss.temperature is 0, but must be a number above 0
                    loss.temperature | NaN | loss.temperature is 'NaN', but must be a number above 0
                    loss.temperature | Infinity | loss.temperature is 'Infinity', but must be a number above 0
                    loss.temperature | cold | loss.temperature is 'cold', but must be a number above 0
                    learner.batch-size | -1 | learner.batch-size is -1, but must be a whole number from 1 to 100000
                    learner.batch-size | 2.5 | learner.batch-size is 2.5, but must be a whole number from 1 to 100000
                    learner.batch-size | 99999999999 | learner.batch-size is 99999999999, but must be a whole number from 1 to 100000
                    learner.recall-size | -1 | learner.recall-size is -1, but must be a whole number from 0 to 100000
                    learner.replay.capacity | 0 | learner.replay.capacity is 0, but must be a whole number of at least 1
                    learner.replay.reservoir | lifo | learner.replay.reservoir is 'lifo', but must be class-balanced or uniform
                    learner.flush-interval | 0 s | learner.flush-interval is '0 s', but must be a duration such as 500 ms, 10 s or 5 min, of at least 1 ms
                    learner.flush-interval | soon | learner.flush-interval is 'soon', but must be a duration such as 500 ms, 10 s or 5 min, of at least 1 ms
                    learner.seed | 1e3 | learner.seed is 1e3, but must be a whole number
                    optimizer.kind | lamb | optimizer.kind is 'lamb', but must be sgd or adam
                    optimizer.learning-rate | -0.1 | optimizer.learning-rate is -0.1, but must be a number above 0
                    optimizer.momentum | 1 | optimizer.momentum is 1, but must be a number in [0, 1)
                    optimizer.weight-decay | -1 | optimizer.weight-decay is -1, but must be a number of at least 0
                    augment.min-scale | 0 | augment.min-scale is 0, but must be a number in (0, 1]
                    augment.hue | 0.6 | augment.hue is 0.6, but must be a number in [0, 0.5]
                    augment.flip-probability | 1.1 | augment.flip-probability is 1.1, but must be a number in [0, 1]
                    augment.first-view-plain | perhaps | augment.first-view-plain is 'perhaps', but must be true or false
                    encoder.architecture | vgg | encoder.architecture is 'vgg', but must be resnet18-slim or resnet18 or resnet34 or resnet50
                    encoder.stem | stem | encoder.stem is 'stem', but must be cifar or imagenet
                    encoder.width | 0 | encoder.width is 0, but must be a whole number from 1 to 1024
                    encoder.engine | jax | encoder.engine is 'jax', but must be auto, dl4j or torch
                    encoder.precision | fp8 | encoder.precision is 'fp8', but must be auto or float32 or tf32 or bf16
                    encoder.device | tpu | encoder.device is 'tpu', but must be auto, cpu, cuda or cuda:N
                    encoder.deterministic | maybe | encoder.deterministic is 'maybe', but must be true or false
                    encoder.memory-limit | lots | encoder.memory-limit is 'lots', but must be a size such as 64 kb or 10 mb, from 0 bytes to 1024 tb
                    encoder.normalization.mean | [0.5, 2] | encoder.normalization.mean is '[0.5, 2]', but must be a list of numbers in [0, 1], such as [0.5, 0.5, 0.5]
                    encoder.normalization.mean | 0.5,0.5 | encoder.normalization.mean is '0.5,0.5', but must be a list of numbers in [0, 1], such as [0.5, 0.5, 0.5]
                    encoder.normalization.std | [0.5, 0] | encoder.normalization.std is '[0.5, 0]', but must be a list of numbers above 0, such as [0.25, 0.25, 0.25]
                    image.channels | 2 | image.channels is 2, but must be 1 (grey) or 3 (red, green, blue)
                    image.max-encoded-size | 2 gb | image.max-encoded-size is '2 gb', but must be a size such as 64 kb or 10 mb, from 1 kb to 1 gb
                    image.max-pixels | 0 | image.max-pixels is 0, but must be a whole number from 1 to 268435456
                    image.exif-orientation | upright | image.exif-orientation is 'upright', but must be apply or ignore
                    image.background | 00a0ff | image.background is '00a0ff', but must be white, black, none or a colour such as #00a0ff (in quotes in a YAML file)
                    image.truncated | maybe | image.truncated is 'maybe', but must be reject or accept
                    kafka.bootstrap-servers | localhost | kafka.bootstrap-servers is 'localhost', but must be a comma-separated list of host:port
                    kafka.topic.embeddings | a b | kafka.topic.embeddings is 'a b', but must be a topic name: at most 249 letters, digits, dots, underscores and dashes
                    kafka.topic.embeddings | .. | kafka.topic.embeddings is '..', but must be a topic name: at most 249 letters, digits, dots, underscores and dashes
                    kafka.delivery-guarantee | none | kafka.delivery-guarantee is 'none', but must be at-least-once or exactly-once
                    job.parallelism | 0 | job.parallelism is 0, but must be a whole number from 1 to 1024
                    job.name | a/b | job.name is 'a/b', but must be 1 to 100 letters, digits, dots, underscores and dashes
                    """)
    void namesOptionValueAndRange(String key, String value, String problem) {
        assertThat(problems(key, value)).containsExactly(problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    learner.batchsize | there is no option learner.batchsize: did you mean learner.batch-size?
                    colour | there is no option colour; docs/options.md lists all there are
                    kafka.properties. | there is no option kafka.properties.; docs/options.md lists all there are
                    """)
    void refusesUnknownKeys(String key, String problem) {
        assertThat(problems(key, "1")).containsExactly(problem);
    }

    @Test
    void listsAllProblemsAtOnce() {
        Configuration configuration =
                Configuration.fromMap(Map.of("loss.temperature", "0", "learner.batch-size", "-1", "lerner.seed", "1"));

        assertThatThrownBy(() ->
                        LearningJobSettings.values(configuration).throwIfInvalid(List.of("--job.name has no value")))
                .isInstanceOfSatisfying(
                        InvalidOptionsException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "--job.name has no value",
                                        "loss.temperature is 0, but must be a number above 0",
                                        "learner.batch-size is -1, but must be a whole number from 1 to 100000",
                                        "there is no option lerner.seed: did you mean learner.seed?"))
                .hasMessage("""
                        4 options are not right:
                          - --job.name has no value
                          - loss.temperature is 0, but must be a number above 0
                          - learner.batch-size is -1, but must be a whole number from 1 to 100000
                          - there is no option lerner.seed: did you mean learner.seed?""");
    }

    static List<Setting<?>> all() {
        return LearningJobSettings.ALL.all();
    }

    private static List<String> problems(String key, String value) {
        OptionValues values = LearningJobSettings.values(Configuration.fromMap(Map.of(key, value)));
        try {
            values.throwIfInvalid(List.of());
            return List.of();
        } catch (InvalidOptionsException e) {
            return e.problems();
        }
    }
}
