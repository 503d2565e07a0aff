package io.contrastream.jobs.learning.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.Allowed;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.Setting;
import io.contrastream.learning.drift.DriftOptions;
import io.contrastream.learning.encoder.LearningRateSchedule;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.operators.replica.ReplicaOptions;
import java.time.Duration;
import java.util.List;

/** Options of the loss, the optimiser and the mini-batch algorithm. The defaults are those of {@link Recipe#CONTRASTREAM}. */
public final class LearningSettings {

    public static final Setting<Double> TEMPERATURE = new Setting<>(
            key("loss.temperature")
                    .doubleType()
                    .defaultValue(0.1)
                    .withDescription("Temperature of the supervised contrastive loss: the smaller, the more the hardest"
                            + " negatives count. 0.07 to 0.5 are usual."),
            Allowed.numberAbove(0));

    public static final Setting<OptimizerOptions.Kind> OPTIMIZER = new Setting<>(
            key("optimizer.kind")
                    .enumType(OptimizerOptions.Kind.class)
                    .defaultValue(OptimizerOptions.Kind.SGD)
                    .withDescription("Optimiser, with the semantics of PyTorch's."),
            Allowed.oneOf(List.of(OptimizerOptions.Kind.values())));

    public static final Setting<Double> LEARNING_RATE = new Setting<>(
            key("optimizer.learning-rate")
                    .doubleType()
                    .defaultValue(0.1)
                    .withDescription("Learning rate. 0.1 suits sgd; 0.001 is usual for adam."),
            Allowed.numberAbove(0));

    public static final Setting<Integer> WARMUP_STEPS = new Setting<>(
            key("optimizer.warmup-steps")
                    .intType()
                    .defaultValue(0)
                    .withDescription("Optimiser steps over which the learning rate grows linearly to its full value."),
            Allowed.wholeNumberFrom(0));

    public static final Setting<LearningRateSchedule.Decay> SCHEDULE = new Setting<>(
            key("optimizer.schedule")
                    .enumType(LearningRateSchedule.Decay.class)
                    .defaultValue(LearningRateSchedule.Decay.CONSTANT)
                    .withDescription(
                            "What the learning rate does after the warm-up: constant keeps it; cosine lowers it"
                                    + " along half a cosine to a final one, which it keeps."),
            Allowed.oneOf(List.of(LearningRateSchedule.Decay.values())));

    public static final Setting<Integer> DECAY_STEPS = new Setting<>(
            key("optimizer.decay-steps")
                    .intType()
                    .defaultValue(10_000)
                    .withDescription("Optimiser steps, after the warm-up, over which cosine lowers the learning rate."),
            Allowed.wholeNumberFrom(1));

    public static final Setting<Double> FINAL_FRACTION = new Setting<>(
            key("optimizer.final-fraction")
                    .doubleType()
                    .defaultValue(0.1)
                    .withDescription("Share of the learning rate that cosine ends in."),
            Allowed.shareAboveZero());

    public static final Setting<Double> MOMENTUM = new Setting<>(
            key("optimizer.momentum").doubleType().defaultValue(0.0).withDescription("Momentum of sgd; 0 for none."),
            Allowed.decay());

    public static final Setting<Double> WEIGHT_DECAY = new Setting<>(
            key("optimizer.weight-decay")
                    .doubleType()
                    .defaultValue(0.0)
                    .withDescription("Share of every weight that is added to its gradient."),
            Allowed.numberFrom(0));

    public static final Setting<Double> BETA1 = new Setting<>(
            key("optimizer.adam.beta1")
                    .doubleType()
                    .defaultValue(0.9)
                    .withDescription("Decay of adam's mean of the gradient."),
            Allowed.decay());

    public static final Setting<Double> BETA2 = new Setting<>(
            key("optimizer.adam.beta2")
                    .doubleType()
                    .defaultValue(0.999)
                    .withDescription("Decay of adam's mean of the squared gradient."),
            Allowed.decay());

    public static final Setting<Double> EPSILON = new Setting<>(
            key("optimizer.adam.epsilon")
                    .doubleType()
                    .defaultValue(1e-8)
                    .withDescription("What adam adds to the root of that mean before it divides by it."),
            Allowed.numberAbove(0));

    public static final Setting<Long> SEED = new Setting<>(
            key("learner.seed")
                    .longType()
                    .defaultValue(0L)
                    .withDescription("Seed of everything random: first weights, recall, views, what memory keeps."),
            Allowed.wholeNumber());

    public static final Setting<Integer> BATCH_SIZE = new Setting<>(
            key("learner.batch-size").intType().defaultValue(10).withDescription("New images in a full mini-batch."),
            Allowed.wholeNumberIn(1, 100_000));

    public static final Setting<Unlabelled> UNLABELLED = new Setting<>(
            key("learner.unlabelled")
                    .enumType(Unlabelled.class)
                    .defaultValue(Unlabelled.REJECT)
                    .withDescription(
                            "Images without label, which are those of an empty label, and where labels come by themselves those"
                                    + " whose label has not come in late-labels.time-to-live: reject; or views, to learn from"
                                    + " their views alone (SimCLR's NT-Xent, as part of the contrastive loss) and to embed them."
                                    + " They are not remembered, and count for no class and no accuracy."),
            Allowed.oneOf(List.of(Unlabelled.values())));

    public static final Setting<SeveralLabels> SEVERAL_LABELS = new Setting<>(
            key("learner.several-labels")
                    .enumType(SeveralLabels.class)
                    .defaultValue(SeveralLabels.REJECT)
                    .withDescription(
                            "Images with several labels, which have some in furtherLabels: reject; or learn, to learn from them as"
                                    + " images of each of their classes. Images that share a label are positives of each other;"
                                    + " memory is balanced by an image's first label; a prediction of any of them is right. At most"
                                    + " 16 labels. Not where labels come by themselves."),
            Allowed.oneOf(List.of(SeveralLabels.values())));

    public static final Setting<Duration> FLUSH_INTERVAL = new Setting<>(
            key("learner.flush-interval")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(5))
                    .withDescription("How long the first image of a mini-batch waits for the others before the learner"
                            + " goes on with fewer."),
            Allowed.durationFrom(Duration.ofMillis(1), "1 ms"));

    public static final Setting<Integer> RECALL_SIZE = new Setting<>(
            key("learner.recall-size")
                    .intType()
                    .defaultValue(100)
                    .withDescription("Images recalled from replay memory for every optimiser step."),
            Allowed.wholeNumberIn(0, 100_000));

    public static final Setting<Integer> REPLAY_CAPACITY = new Setting<>(
            key("learner.replay.capacity")
                    .intType()
                    .defaultValue(2000)
                    .withDescription(
                            "Images in replay memory, at least learner.recall-size. Each takes one byte a channel"
                                    + " and pixel."),
            Allowed.wholeNumberFrom(1));

    public static final Setting<Reservoir> RESERVOIR = new Setting<>(
            key("learner.replay.reservoir")
                    .enumType(Reservoir.class)
                    .defaultValue(Reservoir.CLASS_BALANCED)
                    .withDescription("What memory keeps: class-balanced keeps classes equally frequent however unequal"
                            + " they are in the stream; uniform keeps every image with the same probability."),
            Allowed.oneOf(List.of(Reservoir.values())));

    public static final Setting<Integer> STEPS_PER_BATCH = new Setting<>(
            key("learner.steps-per-batch")
                    .intType()
                    .defaultValue(2)
                    .withDescription("Optimiser steps on every mini-batch, each with its own recalled images and views."
                            + " More learn more from a stream and take as many times as long."),
            Allowed.wholeNumberIn(1, 10_000));

    public static final Setting<Integer> EARLY_STEPS_PER_BATCH = new Setting<>(
            key("learner.early-steps-per-batch")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "Optimiser steps on every mini-batch while memory covers all images seen. As it covers"
                                    + " fewer of them they become fewer, with the square root of learner.replay.capacity"
                                    + " divided by the images seen, down to learner.steps-per-batch. Not set: as many as"
                                    + " that."),
            new Allowed<>(
                    "a whole number from learner.steps-per-batch to 10000", value -> value >= 1 && value <= 10_000));

    public static final Setting<Double> CLASSIFIER_WEIGHT = new Setting<>(
            key("learner.classifier-weight")
                    .doubleType()
                    .defaultValue(1.0)
                    .withDescription(
                            "Weight, beside the contrastive loss, of the cross-entropy of a linear classifier of"
                                    + " the encoder's features, which grows with the classes and is used in training alone; 0"
                                    + " for none."),
            Allowed.numberFrom(0));

    public static final Setting<CrossEntropy.Scope> CLASSIFIER_SCOPE = new Setting<>(
            key("learner.classifier-scope")
                    .enumType(CrossEntropy.Scope.class)
                    .defaultValue(CrossEntropy.Scope.JOINT)
                    .withDescription(
                            "What the classifier learns to tell apart: joint, all images of a step from all classes;"
                                    + " apart, images of the mini-batch's classes from these classes alone, and besides, with"
                                    + " twice the weight, recalled images from all classes, so that new classes do not push"
                                    + " old ones away."),
            Allowed.oneOf(List.of(CrossEntropy.Scope.values())));

    public static final Setting<Double> DISTILLATION_WEIGHT = new Setting<>(
            key("learner.distillation-weight")
                    .doubleType()
                    .defaultValue(0.0)
                    .withDescription(
                            "Weight, beside the other losses, of drawing the classifier's answers to those of the"
                                    + " averages of all weights, which needs learner.classifier-weight and"
                                    + " learner.averaging-decay above 0, and a pass of the network over half of the views; 0"
                                    + " for none. Michel et al. (2024) take 5.5."),
            Allowed.numberFrom(0));

    public static final Setting<Double> DISTILLATION_TEMPERATURE = new Setting<>(
            key("learner.distillation-temperature")
                    .doubleType()
                    .defaultValue(4.0)
                    .withDescription("What answers are divided by before they are compared for that; the loss is"
                            + " multiplied by its square."),
            Allowed.numberAbove(0));

    public static final Setting<Double> PROXY_WEIGHT = new Setting<>(
            key("learner.proxy-weight")
                    .doubleType()
                    .defaultValue(0.0)
                    .withDescription(
                            "Weight, beside the other losses, of drawing the encoder's features to a vector of their class and"
                                    + " away from those of the other classes of the step (Lin et al. 2023, proxy-based contrastive"
                                    + " replay). The vectors are learned, and used in training alone; 0 for none."),
            Allowed.numberFrom(0));

    public static final Setting<Double> PROXY_TEMPERATURE = new Setting<>(
            key("learner.proxy-temperature")
                    .doubleType()
                    .defaultValue(0.07)
                    .withDescription("Temperature of that: what cosine similarities to class vectors are divided by."),
            Allowed.numberAbove(0));

    public static final Setting<Double> STAGE_WEIGHT = new Setting<>(
            key("learner.stage-weight")
                    .doubleType()
                    .defaultValue(0.0)
                    .withDescription(
                            "Weight, beside the other losses, of the contrastive loss of each of the network's first three"
                                    + " stages, of its feature maps averaged over height and width, so that they learn to tell"
                                    + " classes apart themselves; 0 for none."),
            Allowed.numberFrom(0));

    public static final Setting<Double> AVERAGING_DECAY = new Setting<>(
            key("learner.averaging-decay")
                    .doubleType()
                    .defaultValue(0.95)
                    .withDescription(
                            "Images are embedded with an exponential moving average of the weights, which keeps"
                                    + " this share of itself at every optimiser step; 0 to embed with the newest weights."),
            Allowed.decay());

    public static final Setting<Integer> REVIEW_IMAGES = new Setting<>(
            key("learner.review-images")
                    .intType()
                    .defaultValue(0)
                    .withDescription("Images learned after which memory as a whole is learned once more, at a tenth of"
                            + " the learning rate; 0 for never."),
            Allowed.wholeNumberFrom(0));

    public static final Setting<Integer> REFRESH_STEPS = new Setting<>(
            key("learner.refresh-steps")
                    .intType()
                    .defaultValue(100)
                    .withDescription("Optimiser steps after which memory is encoded again, prototypes are computed anew"
                            + " and the new embeddings are published. In between, prototypes follow the new images."),
            Allowed.wholeNumberFrom(1));

    public static final Setting<Boolean> RECALIBRATED = new Setting<>(
            key("learner.recalibrate")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether, when memory is encoded again, the running statistics of batch normalisation that images"
                                    + " are embedded with are taken from memory first, as it is, rather than from the"
                                    + " augmented views of the steps. Needs learner.averaging-decay above 0, and another pass over memory."),
            Allowed.trueOrFalse());

    public static final Setting<Integer> MAX_SKIPPED_IN_ROW = new Setting<>(
            key("learner.max-skipped-in-row")
                    .intType()
                    .defaultValue(10)
                    .withDescription("Optimiser steps in a row that may be skipped, because their loss or a gradient is"
                            + " not finite, before the job fails."),
            Allowed.wholeNumberFrom(0));

    public static final Setting<Integer> ACCURACY_WINDOW = new Setting<>(
            key("learner.accuracy-window")
                    .intType()
                    .defaultValue(500)
                    .withDescription("Newest images over which the window accuracy of the reports is taken."),
            Allowed.wholeNumberIn(1, 10_000_000));

    public static final Setting<Double> DRIFT_ERROR_DELTA = new Setting<>(
            key("learner.drift.error-delta")
                    .doubleType()
                    .defaultValue(DriftOptions.DEFAULT.errorDelta())
                    .withDescription(
                            "Delta of ADWIN (Bifet and Gavaldà 2007), which watches whether the share of wrong predictions"
                                    + " changes: the larger, the sooner a change is found, and the more that are none. Changes are"
                                    + " in the reports and metrics, and steer nothing; 0 for not to watch."),
            Allowed.decay());

    public static final Setting<Double> DRIFT_EMBEDDING_THRESHOLD = new Setting<>(
            key("learner.drift.embedding-threshold")
                    .doubleType()
                    .defaultValue(DriftOptions.DEFAULT.embeddingThreshold())
                    .withDescription(
                            "Energy distance, as a share of the distance between both, by which the newest images may be embedded"
                                    + " elsewhere than those before them; more is a change, which is in the reports and metrics,"
                                    + " and steers nothing. The movement of the encoder itself is taken out. 0 for not to watch."),
            Allowed.decay());

    public static final Setting<Integer> DRIFT_WINDOW = new Setting<>(
            key("learner.drift.window")
                    .intType()
                    .defaultValue(DriftOptions.DEFAULT.window())
                    .withDescription("Newest images that are compared for that with as many of those before them. Their"
                            + " embeddings are part of the state."),
            Allowed.wholeNumberIn(10, 10_000));

    public static final Setting<Duration> REPORT_INTERVAL = new Setting<>(
            key("learner.report-interval")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(5))
                    .withDescription("Shortest time between two learning reports."),
            Allowed.durationFrom(Duration.ofMillis(1), "1 ms"));

    public static final Setting<String> INITIAL_STATE = new Setting<>(
            key("learner.initial-state")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Savepoint or checkpoint, of any job and version, whose whole learner a new model starts"
                                    + " from: weights, optimiser, classifier, memory and counters, but not what it had read of"
                                    + " its topic. Or a release, which has weights and version of these, so that all else begins anew,"
                                    + " with optimizer.kind SGD. Read as encoder.initial-weights are, and instead of them; network,"
                                    + " optimiser and memory must fit. Not set: nothing has been learned."),
            new Allowed<>(
                    "a path or URI such as file:///checkpoints/savepoint-1 or s3://bucket/releases/encoder/2000",
                    Location::isValid));

    public static final Setting<Integer> PARALLELISM = new Setting<>(
            key("learner.parallelism")
                    .intType()
                    .defaultValue(1)
                    .withDescription(
                            "Learners that take every optimiser step together, each with its share of the views. The"
                                    + " first one has memory, state and output; the others need a slot each, and the first one must be"
                                    + " reachable by TCP from their TaskManagers. For the torch engine. A savepoint goes on with any"
                                    + " number of them."),
            Allowed.wholeNumberIn(1, 128));

    public static final Setting<Duration> REPLICA_TIMEOUT = new Setting<>(
            key("learner.replica-timeout")
                    .durationType()
                    .defaultValue(ReplicaOptions.ONE.timeout())
                    .withDescription(
                            "How long a learner waits for another one before it counts as lost and the job restarts:"
                                    + " longer than a step takes and than a learner takes to start, shorter than the TaskManagers'"
                                    + " task.cancellation.timeout, which is 3 min unless it is set. Without effect on one learner."),
            Allowed.durationFrom(Duration.ofSeconds(1), "1 s"));

    static final List<Setting<?>> ALL = List.of(
            TEMPERATURE,
            OPTIMIZER,
            LEARNING_RATE,
            WARMUP_STEPS,
            SCHEDULE,
            DECAY_STEPS,
            FINAL_FRACTION,
            MOMENTUM,
            WEIGHT_DECAY,
            BETA1,
            BETA2,
            EPSILON,
            SEED,
            BATCH_SIZE,
            UNLABELLED,
            SEVERAL_LABELS,
            FLUSH_INTERVAL,
            RECALL_SIZE,
            REPLAY_CAPACITY,
            RESERVOIR,
            STEPS_PER_BATCH,
            EARLY_STEPS_PER_BATCH,
            CLASSIFIER_WEIGHT,
            CLASSIFIER_SCOPE,
            DISTILLATION_WEIGHT,
            DISTILLATION_TEMPERATURE,
            PROXY_WEIGHT,
            PROXY_TEMPERATURE,
            STAGE_WEIGHT,
            AVERAGING_DECAY,
            REVIEW_IMAGES,
            REFRESH_STEPS,
            RECALIBRATED,
            MAX_SKIPPED_IN_ROW,
            ACCURACY_WINDOW,
            DRIFT_ERROR_DELTA,
            DRIFT_EMBEDDING_THRESHOLD,
            DRIFT_WINDOW,
            REPORT_INTERVAL,
            INITIAL_STATE,
            PARALLELISM,
            REPLICA_TIMEOUT);

    private LearningSettings() {}
}
