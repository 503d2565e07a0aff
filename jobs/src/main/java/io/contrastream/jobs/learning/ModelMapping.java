package io.contrastream.jobs.learning;

import io.contrastream.jobs.learning.option.AugmentSettings;
import io.contrastream.jobs.learning.option.LearningJobSettings;
import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.ModelSettings;
import io.contrastream.jobs.learning.option.ReleaseSettings;
import io.contrastream.jobs.option.ImageMapping;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.OptionValues;
import io.contrastream.jobs.option.Setting;
import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.ColourJitter;
import io.contrastream.learning.drift.DriftOptions;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.encoder.LearningRateSchedule;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.HeldOut;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LossOptions;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import java.util.List;

/** Makes the records that describe images, model and learning out of option values. */
final class ModelMapping {

    private final OptionValues values;

    ModelMapping(OptionValues values) {
        this.values = values;
    }

    /** Notes what is wrong with options that only together are. */
    void check() {
        values.require(
                () -> values.get(LearningSettings.REPLAY_CAPACITY) >= values.get(LearningSettings.RECALL_SIZE),
                () -> LearningSettings.REPLAY_CAPACITY.key() + " is " + values.written(LearningSettings.REPLAY_CAPACITY)
                        + ", but must be at least " + LearningSettings.RECALL_SIZE.key() + ", which is "
                        + values.written(LearningSettings.RECALL_SIZE),
                LearningSettings.REPLAY_CAPACITY,
                LearningSettings.RECALL_SIZE);
        values.require(
                () -> values.get(ModelSettings.PRECISION) != Precision.TF32
                        || !values.get(ModelSettings.DEVICE).equals("cpu"),
                () -> ModelSettings.PRECISION.key() + " is tf32, which is for GPUs, but " + ModelSettings.DEVICE.key()
                        + " is cpu; use auto, float32 or bf16",
                ModelSettings.PRECISION,
                ModelSettings.DEVICE);
        values.require(
                () -> values.get(ModelSettings.PRECISION) != Precision.TF32
                        || !values.get(ModelSettings.ENGINE).equals("dl4j"),
                () -> ModelSettings.PRECISION.key() + " is tf32, which is not supported by the dl4j engine, but "
                        + ModelSettings.ENGINE.key() + " is dl4j; use auto or float32, or the torch engine",
                ModelSettings.PRECISION,
                ModelSettings.ENGINE);
        values.require(
                () -> values.get(LearningSettings.PARALLELISM) == 1
                        || !values.get(ModelSettings.ENGINE).equals("dl4j"),
                () -> LearningSettings.PARALLELISM.key() + " is " + values.written(LearningSettings.PARALLELISM)
                        + ", which is not supported by the dl4j engine, but " + ModelSettings.ENGINE.key()
                        + " is dl4j; use 1, or the torch engine",
                LearningSettings.PARALLELISM,
                ModelSettings.ENGINE);
        values.require(
                () -> values.find(ReleaseSettings.DIRECTORY).isEmpty()
                        || values.get(ReleaseSettings.EVERY_STEPS) > 0
                        || !values.get(ReleaseSettings.EVERY).isZero(),
                () -> ReleaseSettings.EVERY_STEPS.key() + " and " + ReleaseSettings.EVERY.key() + " are both 0, but "
                        + ReleaseSettings.DIRECTORY.key() + " is set: set one of them, or nothing is released",
                ReleaseSettings.EVERY_STEPS,
                ReleaseSettings.EVERY);
        values.require(
                () -> values.find(LearningSettings.EARLY_STEPS_PER_BATCH)
                        .map(steps -> steps >= values.get(LearningSettings.STEPS_PER_BATCH))
                        .orElse(true),
                () -> LearningSettings.EARLY_STEPS_PER_BATCH.key() + " is "
                        + values.written(LearningSettings.EARLY_STEPS_PER_BATCH) + ", but must be at least "
                        + LearningSettings.STEPS_PER_BATCH.key() + ", which is "
                        + values.written(LearningSettings.STEPS_PER_BATCH),
                LearningSettings.EARLY_STEPS_PER_BATCH,
                LearningSettings.STEPS_PER_BATCH);
        requireForDistillation(LearningSettings.CLASSIFIER_WEIGHT, "a classifier");
        requireForDistillation(LearningSettings.AVERAGING_DECAY, "averages of the weights");
        values.require(
                () -> !values.get(LearningSettings.RECALIBRATED) || values.get(LearningSettings.AVERAGING_DECAY) > 0,
                () -> LearningSettings.RECALIBRATED.key() + " is true, which needs averages of the weights, but "
                        + LearningSettings.AVERAGING_DECAY.key() + " is "
                        + values.written(LearningSettings.AVERAGING_DECAY),
                LearningSettings.RECALIBRATED,
                LearningSettings.AVERAGING_DECAY);
        requireOneAChannel(ModelSettings.MEAN);
        requireOneAChannel(ModelSettings.STANDARD_DEVIATION);
    }

    /** Once {@link OptionValues#throwIfInvalid} has passed. */
    DecodeOptions decodeOptions() {
        return new ImageMapping(values).decodeOptions(input());
    }

    /** Once {@link OptionValues#throwIfInvalid} has passed. */
    LearnOptions learnOptions() {
        return new LearnOptions(
                values.get(ModelSettings.NAME),
                encoder(),
                new InitialModel(
                        values.find(ModelSettings.INITIAL_WEIGHTS)
                                .map(Location::uri)
                                .orElse(""),
                        values.find(ModelSettings.INITIAL_WEIGHTS_SHA256).orElse(""),
                        values.find(LearningSettings.INITIAL_STATE)
                                .map(Location::uri)
                                .orElse("")),
                new TrainingOptions(
                        optimizer(),
                        values.get(LearningSettings.TEMPERATURE),
                        values.get(LearningSettings.AVERAGING_DECAY),
                        values.get(LearningSettings.STAGE_WEIGHT) > 0),
                new DeviceOptions(
                        values.get(ModelSettings.ENGINE),
                        values.get(ModelSettings.DEVICE),
                        values.get(ModelSettings.PRECISION),
                        values.get(ModelSettings.DETERMINISTIC),
                        values.get(ModelSettings.THREADS),
                        values.get(ModelSettings.MEMORY_LIMIT).getBytes()),
                learner(),
                values.get(LearningSettings.FLUSH_INTERVAL),
                values.get(LearningSettings.REPORT_INTERVAL),
                new ReplicaOptions(
                        values.get(LearningSettings.PARALLELISM),
                        values.get(ModelSettings.SYNC_BATCH_NORM),
                        values.get(LearningSettings.REPLICA_TIMEOUT)));
    }

    /** Once {@link OptionValues#throwIfInvalid} has passed. */
    ReleaseOptions releaseOptions() {
        return values.find(ReleaseSettings.DIRECTORY)
                .map(directory -> new ReleaseOptions(
                        Location.uri(directory),
                        values.get(ReleaseSettings.EVERY_STEPS),
                        values.get(ReleaseSettings.EVERY),
                        values.find(ReleaseSettings.MAX_DIFFERENCE).orElse(0.0),
                        values.get(ReleaseSettings.MAX_ACCURACY_LOSS),
                        values.texts(LearningJobSettings.OF_THE_MODEL)))
                .orElse(ReleaseOptions.NONE);
    }

    private HeldOut heldOut() {
        return values.find(ReleaseSettings.DIRECTORY).isPresent()
                ? new HeldOut(values.get(ReleaseSettings.HELD_OUT_SHARE))
                : HeldOut.NONE;
    }

    private void requireForDistillation(Setting<Double> setting, String what) {
        values.require(
                () -> values.get(LearningSettings.DISTILLATION_WEIGHT) == 0 || values.get(setting) > 0,
                () -> LearningSettings.DISTILLATION_WEIGHT.key() + " is "
                        + values.written(LearningSettings.DISTILLATION_WEIGHT) + ", which needs " + what + ", but "
                        + setting.key() + " is " + values.written(setting),
                LearningSettings.DISTILLATION_WEIGHT,
                setting);
    }

    private void requireOneAChannel(Setting<List<Double>> setting) {
        values.require(
                () -> values.get(setting).size() == values.get(ModelSettings.CHANNELS),
                () -> setting.key() + " is " + values.written(setting) + ", but must have one value a channel;"
                        + " image.channels is " + values.written(ModelSettings.CHANNELS),
                setting,
                ModelSettings.CHANNELS);
    }

    private ImageShape input() {
        return new ImageShape(
                values.get(ModelSettings.CHANNELS), values.get(ModelSettings.HEIGHT), values.get(ModelSettings.WIDTH));
    }

    private EncoderSpec encoder() {
        return new EncoderSpec(
                values.get(ModelSettings.ARCHITECTURE),
                values.get(ModelSettings.STEM),
                values.find(ModelSettings.ENCODER_WIDTH)
                        .orElse(values.get(ModelSettings.ARCHITECTURE).defaultWidth()),
                input(),
                values.get(ModelSettings.PROJECTION_SIZE),
                new Normalization(
                        floats(values.get(ModelSettings.MEAN)), floats(values.get(ModelSettings.STANDARD_DEVIATION))),
                values.get(ModelSettings.MIRROR_EMBEDDING));
    }

    private OptimizerOptions optimizer() {
        return new OptimizerOptions(
                values.get(LearningSettings.OPTIMIZER),
                values.get(LearningSettings.LEARNING_RATE),
                new LearningRateSchedule(
                        values.get(LearningSettings.WARMUP_STEPS),
                        values.get(LearningSettings.SCHEDULE),
                        values.get(LearningSettings.DECAY_STEPS),
                        values.get(LearningSettings.FINAL_FRACTION)),
                values.get(LearningSettings.MOMENTUM),
                values.get(LearningSettings.BETA1),
                values.get(LearningSettings.BETA2),
                values.get(LearningSettings.EPSILON),
                values.get(LearningSettings.WEIGHT_DECAY));
    }

    private LearnerOptions learner() {
        return new LearnerOptions(
                        values.get(LearningSettings.SEED),
                        values.get(LearningSettings.BATCH_SIZE),
                        new ReplayOptions(
                                        values.get(LearningSettings.REPLAY_CAPACITY),
                                        values.get(LearningSettings.RECALL_SIZE),
                                        values.get(LearningSettings.RESERVOIR))
                                .with(heldOut()),
                        new StepOptions(
                                values.get(LearningSettings.STEPS_PER_BATCH),
                                values.find(LearningSettings.EARLY_STEPS_PER_BATCH)
                                        .orElse(values.get(LearningSettings.STEPS_PER_BATCH)),
                                values.get(LearningSettings.MAX_SKIPPED_IN_ROW)),
                        new ReviewOptions(
                                values.get(LearningSettings.REFRESH_STEPS),
                                values.get(LearningSettings.RECALIBRATED),
                                values.get(LearningSettings.REVIEW_IMAGES)))
                .with(loss())
                .with(augment())
                .withAugmentThreads(values.get(AugmentSettings.THREADS))
                .withAccuracyWindow(values.get(LearningSettings.ACCURACY_WINDOW))
                .with(new DriftOptions(
                        values.get(LearningSettings.DRIFT_ERROR_DELTA),
                        values.get(LearningSettings.DRIFT_EMBEDDING_THRESHOLD),
                        values.get(LearningSettings.DRIFT_WINDOW)));
    }

    private LossOptions loss() {
        return new LossOptions(
                values.get(LearningSettings.CLASSIFIER_WEIGHT),
                values.get(LearningSettings.CLASSIFIER_SCOPE),
                values.get(LearningSettings.DISTILLATION_WEIGHT),
                values.get(LearningSettings.DISTILLATION_TEMPERATURE),
                values.get(LearningSettings.PROXY_WEIGHT),
                values.get(LearningSettings.PROXY_TEMPERATURE),
                values.get(LearningSettings.STAGE_WEIGHT));
    }

    private AugmentOptions augment() {
        return new AugmentOptions(
                values.get(AugmentSettings.FIRST_VIEW_PLAIN),
                values.get(AugmentSettings.MIN_SCALE),
                values.get(AugmentSettings.FLIP_PROBABILITY),
                new ColourJitter(
                        values.get(AugmentSettings.JITTER_PROBABILITY),
                        values.get(AugmentSettings.BRIGHTNESS),
                        values.get(AugmentSettings.CONTRAST),
                        values.get(AugmentSettings.SATURATION),
                        values.get(AugmentSettings.HUE)),
                values.get(AugmentSettings.GREYSCALE_PROBABILITY),
                values.get(AugmentSettings.RAND_OPERATIONS),
                values.get(AugmentSettings.RAND_MAGNITUDE));
    }

    private static List<Float> floats(List<Double> values) {
        return values.stream().map(Double::floatValue).toList();
    }
}
