package io.contrastream.jobs.learning.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.Allowed;
import io.contrastream.jobs.option.ImageSettings;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.Setting;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/** Options of the model: its name, the images it takes, its network and where that runs. */
public final class ModelSettings {

    public static final Setting<String> NAME = new Setting<>(
            key("model.name")
                    .stringType()
                    .defaultValue("encoder")
                    .withDescription("Name of the model: the key of its learning reports."),
            Allowed.text("1 to 100 letters, digits, dots, underscores and dashes", "[a-zA-Z0-9._-]{1,100}"));

    public static final Setting<Recipe> RECIPE = new Setting<>(
            key("model.recipe")
                    .enumType(Recipe.class)
                    .defaultValue(Recipe.CONTRASTREAM)
                    .withDescription(
                            "How it learns: contrastream is the defaults below; contrastream-max is expected to"
                                    + " learn most, at several times the cost; scr is Supervised Contrastive Replay as"
                                    + " published. docs/recipes.md compares them. An option that is set wins over the recipe, even if it is set to its default."),
            Allowed.oneOf(List.of(Recipe.values())));

    public static final Setting<Integer> CHANNELS = new Setting<>(
            key("image.channels")
                    .intType()
                    .defaultValue(3)
                    .withDescription("Colour planes of the images that the encoder takes. Images of another number are"
                            + " converted: colour to grey, grey to colour."),
            new Allowed<>("1 (grey) or 3 (red, green, blue)", value -> value == 1 || value == 3));

    public static final Setting<Integer> HEIGHT = side("height", "Rows");

    public static final Setting<Integer> WIDTH = side("width", "Columns");

    public static final Setting<Architecture> ARCHITECTURE = new Setting<>(
            key("encoder.architecture")
                    .enumType(Architecture.class)
                    .defaultValue(Architecture.RESNET18)
                    .withDescription(
                            "Family of the encoder's network. resnet18 learns better, and is the faster one on a GPU;"
                                    + " resnet18-slim, the one of Supervised Contrastive Replay, is for a few CPU cores, where it"
                                    + " takes a fifth of the time."),
            Allowed.oneOf(List.of(Architecture.values())));

    public static final Setting<Stem> STEM = new Setting<>(
            key("encoder.stem")
                    .enumType(Stem.class)
                    .defaultValue(Stem.CIFAR)
                    .withDescription("How the network starts: cifar (3x3 convolution) for images of about 32 pixels a"
                            + " side, imagenet (7x7 convolution of stride 2 and max pool) for larger ones."),
            Allowed.oneOf(List.of(Stem.values())));

    public static final Setting<Integer> ENCODER_WIDTH = new Setting<>(
            key("encoder.width")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "Filters of the network's first stage. An embedding has 8 times as many components, or"
                                    + " 32 times with resnet50. Not set: the architecture's own, which is 20 for resnet18-slim"
                                    + " and 64 for the others."),
            Allowed.wholeNumberIn(1, 1024));

    public static final Setting<Integer> PROJECTION_SIZE = new Setting<>(
            key("encoder.projection-size")
                    .intType()
                    .defaultValue(128)
                    .withDescription("Components of the projection on which the loss works; it is not published."),
            Allowed.wholeNumberIn(2, 8192));

    public static final Setting<Boolean> MIRROR_EMBEDDING = new Setting<>(
            key("encoder.mirror-embedding")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether an embedding is the mean of those of the image and of its mirror image (left for"
                                    + " right), brought to length 1 again. That is so for everything embedded: predictions, prototypes,"
                                    + " what is published, and releases, whose ONNX model mirrors by itself. It classifies somewhat better where a"
                                    + " mirrored image is of the same class, and costs a second pass for every image that is"
                                    + " embedded; optimiser steps are as they were. Belongs to the model: it cannot be changed at a savepoint."),
            Allowed.trueOrFalse());

    public static final Setting<String> INITIAL_WEIGHTS = new Setting<>(
            key("encoder.initial-weights")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Weights that a new model starts from: the folder of a release, or a safetensors file with"
                                    + " the parameter names of torchvision, of SupContrast or of weights export, which fits the"
                                    + " network; a projection head may be missing. It is read where the job is submitted, to check it, and by the"
                                    + " TaskManager; and not at all when the job goes on from a savepoint or checkpoint. Set"
                                    + " encoder.normalization to what the weights were trained with. Not set: random weights, from"
                                    + " learner.seed."),
            new Allowed<>(
                    "a path or URI such as file:///models/resnet18.safetensors or s3://bucket/releases/encoder/2000",
                    Location::isValid));

    public static final Setting<String> INITIAL_WEIGHTS_SHA256 = new Setting<>(
            key("encoder.initial-weights-sha256")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "SHA-256 that the file of encoder.initial-weights, or the manifest.json of the release, must have,"
                                    + " as sha256sum prints it:"
                                    + " another file is refused before anything of it is used. Not set: any file is taken."),
            Allowed.text("64 lower-case hexadecimal digits", "[0-9a-f]{64}"));

    public static final Setting<List<Double>> MEAN = new Setting<>(
            numbers(
                    "mean",
                    Normalization.CIFAR100.mean(),
                    "What is subtracted from pixels in [0, 1], one value a channel. Default: CIFAR-100's."),
            Allowed.numbers("a list of numbers in [0, 1], such as [0.5, 0.5, 0.5]", value -> value >= 0 && value <= 1));

    public static final Setting<List<Double>> STANDARD_DEVIATION = new Setting<>(
            numbers(
                    "std",
                    Normalization.CIFAR100.standardDeviation(),
                    "What the difference is divided by, one value a channel. Default: CIFAR-100's."),
            Allowed.numbers(
                    "a list of numbers above 0, such as [0.25, 0.25, 0.25]",
                    value -> value.floatValue() > 0 && Float.isFinite(value.floatValue())));

    public static final Setting<String> ENGINE = new Setting<>(
            key("encoder.engine")
                    .stringType()
                    .defaultValue("auto")
                    .withDescription("Engine that the process which learns must have been started with; auto takes the"
                            + " one that it was. CONTRASTREAM_ENGINE or contrastream --engine chooses it."),
            Allowed.text("auto, dl4j or torch", "auto|dl4j|torch"));

    public static final Setting<String> DEVICE = new Setting<>(
            key("encoder.device")
                    .stringType()
                    .defaultValue("auto")
                    .withDescription("Where the encoder runs: auto takes a GPU where the engine finds one."),
            Allowed.text("auto, cpu, cuda or cuda:N", "auto|cpu|cuda(:\\d{1,4})?"));

    public static final Setting<Precision> PRECISION = new Setting<>(
            key("encoder.precision")
                    .enumType(Precision.class)
                    .defaultValue(Precision.AUTO)
                    .withDescription(
                            "Precision of the network's arithmetic: float32 everywhere; tf32 for the convolutions of the"
                                    + " torch engine on a GPU; bf16 for the feature maps, on a GPU with the torch engine, and on a CPU"
                                    + " with either, where the dl4j engine needs AVX512-BF16 or AMX. auto is bf16 on a GPU of compute"
                                    + " capability 8.0 and above with the torch engine, else float32, and so always float32 on a"
                                    + " CPU. Parameters and the optimiser are float32 in any case, so a savepoint made with one goes"
                                    + " on with another."),
            Allowed.oneOf(List.of(Precision.values())));

    public static final Setting<Boolean> DETERMINISTIC = new Setting<>(
            key("encoder.deterministic")
                    .booleanType()
                    .defaultValue(true)
                    .withDescription(
                            "Whether a GPU takes algorithms that end in the same bits every time, so that a job"
                                    + " that was restored learns exactly what it would have. false lets cuDNN try its algorithms and"
                                    + " take the fastest, which matters for few filters, such as resnet18-slim's 20. On the CPU the"
                                    + " bits are the same in any case."),
            Allowed.trueOrFalse());

    public static final Setting<Integer> THREADS = new Setting<>(
            key("encoder.threads")
                    .intType()
                    .defaultValue(0)
                    .withDescription("Threads of the CPU for one operation of the encoder; 0 for as many as there are"
                            + " cores. Runs with different numbers differ in the last bits."),
            Allowed.wholeNumberIn(0, 4096));

    public static final Setting<MemorySize> MEMORY_LIMIT = new Setting<>(
            key("encoder.memory-limit")
                    .memoryType()
                    .defaultValue(MemorySize.ZERO)
                    .withDescription(
                            "Most physical memory that the whole process (in a cluster: the TaskManager) may take"
                                    + " before an allocation of the encoder fails and the job restarts; set it somewhat below"
                                    + " the container's limit, which would kill the process instead. A limit above the"
                                    + " TaskManager's taskmanager.memory.process.size fails the job when it starts. 0 bytes for the"
                                    + " one that the process was started with: taskmanager.sh takes that size."),
            Allowed.sizeIn("0 bytes", "1024 tb"));

    public static final Setting<Boolean> SYNC_BATCH_NORM = new Setting<>(
            key("encoder.sync-batch-norm")
                    .booleanType()
                    .defaultValue(true)
                    .withDescription(
                            "Whether batch normalisation takes the statistics of all learners' views, with which several"
                                    + " learners give what one learner gives, except for rounding; two small exchanges a normalisation and"
                                    + " step. false: each takes those of its own views. Without effect on one learner."),
            Allowed.trueOrFalse());

    /** In the order in which people should meet them; those of images in general stand behind the ones of the images that the encoder takes. */
    static final List<Setting<?>> ALL = Stream.of(
                    List.<Setting<?>>of(NAME, RECIPE, CHANNELS, HEIGHT, WIDTH),
                    ImageSettings.ALL,
                    List.<Setting<?>>of(
                            ARCHITECTURE,
                            STEM,
                            ENCODER_WIDTH,
                            PROJECTION_SIZE,
                            MIRROR_EMBEDDING,
                            INITIAL_WEIGHTS,
                            INITIAL_WEIGHTS_SHA256,
                            MEAN,
                            STANDARD_DEVIATION,
                            ENGINE,
                            DEVICE,
                            PRECISION,
                            DETERMINISTIC,
                            THREADS,
                            MEMORY_LIMIT,
                            SYNC_BATCH_NORM))
            .flatMap(List::stream)
            .toList();

    private ModelSettings() {}

    private static Setting<Integer> side(String name, String what) {
        return new Setting<>(
                key("image." + name)
                        .intType()
                        .defaultValue(32)
                        .withDescription(what + " of the images that the encoder takes; others are resized."),
                Allowed.wholeNumberIn(8, 1024));
    }

    private static ConfigOption<List<Double>> numbers(String name, List<Float> defaults, String description) {
        return key("encoder.normalization." + name)
                .doubleType()
                .asList()
                .defaultValues(defaults.stream()
                        .map(value -> Double.valueOf(value.toString()))
                        .toArray(Double[]::new))
                .withDescription(description);
    }
}
