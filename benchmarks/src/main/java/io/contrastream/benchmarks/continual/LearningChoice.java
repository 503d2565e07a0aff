package io.contrastream.benchmarks.continual;

import io.contrastream.benchmarks.encoder.EncoderChoice;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.jobs.learning.option.LearningJobSettings;
import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.ModelSettings;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.OptionSource;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The learner's options: a job's options, by a recipe, by a file of them, or one by one. */
final class LearningChoice {

    /** Names of a job's options here. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry(ModelSettings.RECIPE.key(), "--recipe"),
            Map.entry(LearningSettings.BATCH_SIZE.key(), "--batch"),
            Map.entry(LearningSettings.RECALL_SIZE.key(), "--recall"),
            Map.entry(LearningSettings.REPLAY_CAPACITY.key(), "--memory"),
            Map.entry(LearningSettings.REVIEW_IMAGES.key(), "--review"),
            Map.entry(LearningSettings.LEARNING_RATE.key(), "--learning-rate"),
            Map.entry(LearningSettings.OPTIMIZER.key(), "--optimizer"),
            Map.entry(LearningSettings.SEED.key(), "--seed"),
            Map.entry(ModelSettings.ARCHITECTURE.key(), "--architecture"),
            Map.entry(ModelSettings.STEM.key(), "--stem"),
            Map.entry(ModelSettings.HEIGHT.key(), "--size"),
            Map.entry(ModelSettings.WIDTH.key(), "--size"),
            Map.entry(ModelSettings.ENCODER_WIDTH.key(), "--width"),
            Map.entry(ModelSettings.DEVICE.key(), "--device"),
            Map.entry(ModelSettings.PRECISION.key(), "--precision"),
            Map.entry(ModelSettings.DETERMINISTIC.key(), "--deterministic"),
            Map.entry(ModelSettings.THREADS.key(), "--threads"),
            Map.entry(ModelSettings.MEMORY_LIMIT.key(), "--memory-limit"));

    @Mixin
    private EncoderChoice encoder;

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            converter = RunRecipe.Converter.class,
            completionCandidates = RunRecipe.Names.class,
            description = {
                "One of ${COMPLETION-CANDIDATES} (default: contrastream, which is a job's defaults).",
                "Two are bounds, and as contrastream otherwise. naive: the network is trained on new images alone, and memory "
                        + "serves the class means only. joint: all classes come together in one stage, and memory holds "
                        + "all that has come."
            })
    private RunRecipe recipe;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file of a job's options, which win over the recipe and the protocol; --seed and other "
                    + "options here win over the file.")
    private Path config;

    @Option(names = "--memory", paramLabel = "N", description = "Images in replay memory (default: the protocol's).")
    private Integer memory;

    @Option(names = "--recall", paramLabel = "N", description = "Images recalled for a step (default: the protocol's).")
    private Integer recall;

    @Option(names = "--batch", paramLabel = "N", description = "New images of a mini-batch (default: a job's, 10).")
    private Integer batch;

    @Option(
            names = "--review",
            paramLabel = "N",
            description = "Images after which memory is reviewed, 0 for never (default: the recipe's; with scr, as "
                    + "many as a stage of the protocol has).")
    private Integer review;

    @Option(names = "--learning-rate", paramLabel = "R", description = "Learning rate (default: the recipe's).")
    private Double learningRate;

    private Map<String, String> added = Map.of();

    /**
     * All options, checked.
     *
     * @param images that are learned from in all
     * @throws IllegalArgumentException naming the option, its value and what is allowed, if there is something wrong
     */
    ModelOptions options(Protocol protocol, long seed, int images) {
        Configuration file = file();
        return options(file, settings(file, protocol, seed, images));
    }

    /**
     * The same with other defaults than a protocol's.
     *
     * @param defaults by a job's keys; what they do not say is as a job has it
     */
    ModelOptions options(Configuration defaults, long seed) {
        Configuration file = file();
        return options(file, settings(file, defaults, recipe(file), seed));
    }

    private static ModelOptions options(Configuration file, Configuration settings) {
        try {
            ModelOptions options = ModelOptions.of(settings);
            if (!options.learn().initial().weights().isEmpty()) {
                throw new IllegalArgumentException(
                        ModelSettings.INITIAL_WEIGHTS.key() + " cannot be set: weights begin as the seed has them");
            }
            return options;
        } catch (InvalidOptionsException e) {
            throw new IllegalArgumentException(
                    e.problems().stream()
                            .map(problem -> named(problem, file.toMap(), settings.toMap()))
                            .distinct()
                            .collect(Collectors.joining("; ")),
                    e);
        }
    }

    /** The values of all options that say what is learned and how, by a job's keys. */
    SortedMap<String, String> described(Protocol protocol, long seed, int images) {
        Configuration file = file();
        OptionValues values = LearningJobSettings.values(settings(file, protocol, seed, images));
        SortedMap<String, String> described = new TreeMap<>();
        for (Setting<?> setting : LearningJobSettings.ALL.all()) {
            if (!setting.key().matches("(kafka|job)\\..*")) {
                values.find(setting).ifPresent(value -> described.put(setting.key(), value.toString()));
            }
        }
        described.put(ModelSettings.RECIPE.key(), recipe(file).toString());
        return described;
    }

    /** @throws IllegalArgumentException if the file names a recipe that there is not */
    RunRecipe recipe() {
        return recipe(file());
    }

    private RunRecipe recipe(Configuration file) {
        if (recipe != null) {
            return recipe;
        }
        String written = file.toMap().get(ModelSettings.RECIPE.key());
        try {
            return written == null ? RunRecipe.DEFAULT : RunRecipe.of(written);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(ModelSettings.RECIPE.key() + ": " + e.getMessage(), e);
        }
    }

    /** Name of a job's option here. */
    static String name(String key) {
        return NAMES.getOrDefault(key, key);
    }

    private Configuration settings(Configuration file, Protocol protocol, long seed, int images) {
        RunRecipe chosen = recipe(file);
        return settings(file, chosen.options(protocol, images), chosen, seed);
    }

    private Configuration settings(Configuration file, Configuration defaults, RunRecipe chosen, long seed) {
        Configuration settings = new Configuration(defaults);
        settings.addAll(file);
        settings.set(ModelSettings.RECIPE.option(), chosen.job());
        settings.set(LearningSettings.SEED.option(), seed);
        EncoderChoice.set(settings, LearningSettings.REPLAY_CAPACITY, memory);
        EncoderChoice.set(settings, LearningSettings.RECALL_SIZE, recall);
        EncoderChoice.set(settings, LearningSettings.BATCH_SIZE, batch);
        EncoderChoice.set(settings, LearningSettings.LEARNING_RATE, learningRate);
        EncoderChoice.set(settings, LearningSettings.REVIEW_IMAGES, review);
        encoder.into(settings);
        return settings;
    }

    /** Adds to the file, and wins over it; in place of what was added before. */
    void add(Map<String, String> options) {
        added = Map.copyOf(options);
    }

    /** Options of the file, and those that were added. */
    Configuration file() {
        Configuration file = written();
        file.addAll(Configuration.fromMap(added));
        return file;
    }

    private Configuration written() {
        if (config == null) {
            return new Configuration();
        }
        OptionSource source = OptionSource.of("--config", config.toString());
        if (!source.problems().isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", source.problems()));
        }
        return source.configuration();
    }

    /** With the names of options here, except for those that have their value from the file. */
    private static String named(String problem, Map<String, String> file, Map<String, String> settings) {
        String named = problem;
        for (Map.Entry<String, String> name : NAMES.entrySet()) {
            String written = file.get(name.getKey());
            if (written == null || !written.equals(settings.get(name.getKey()))) {
                named = named.replace(name.getKey(), name.getValue());
            }
        }
        return named;
    }
}
