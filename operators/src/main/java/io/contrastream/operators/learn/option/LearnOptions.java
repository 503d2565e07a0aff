package io.contrastream.operators.learn.option;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.operators.replica.LocalReplicas;
import io.contrastream.operators.replica.ReplicaOptions;
import java.io.Serializable;
import java.time.Duration;

/**
 * Everything that the learning operator needs to know.
 *
 * @param model name of the model, the key of its reports, of 1 to 256 characters
 * @param encoder the network
 * @param initial what a new model starts from
 * @param training loss and optimiser
 * @param device where the network runs
 * @param learner the mini-batch algorithm
 * @param flushInterval how long the first image of a mini-batch waits for the mini-batch to become full; then it is learned as it
 *     is. At least 1 ms
 * @param reportInterval a report is made at least so often once there has been an image, at least 1 ms
 * @param replicas over how many learners a step is spread
 */
public record LearnOptions(
        String model,
        EncoderSpec encoder,
        InitialModel initial,
        TrainingOptions training,
        DeviceOptions device,
        LearnerOptions learner,
        Duration flushInterval,
        Duration reportInterval,
        ReplicaOptions replicas)
        implements Serializable {

    private static final int MOST_CHARACTERS = 256;

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public LearnOptions {
        if (model.isEmpty() || model.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "model name must have 1 to " + MOST_CHARACTERS + " characters, but has " + model.length());
        }
        atLeastOneMillisecond(flushInterval, "flush interval");
        atLeastOneMillisecond(reportInterval, "report interval");
    }

    private static void atLeastOneMillisecond(Duration interval, String what) {
        if (interval.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(what + " must be at least 1 ms, but is " + interval);
        }
    }

    /**
     * An encoder with the initial weights of the seed, outside of a job: several learners are on threads of this process. To be closed after
     * use.
     *
     * @throws IllegalArgumentException as {@link EncoderEngine#create(EncoderSpec, TrainingOptions, DeviceOptions, long)}, or if the engine
     *     has no replicas
     */
    public Encoder open(EncoderEngine engine) {
        return replicas.several()
                ? LocalReplicas.start(
                        replicas,
                        learner.loss().objective(training, learner.seed()),
                        collective -> engine.create(
                                encoder, training, device, learner.seed(), collective, replicas.syncBatchNorm()))
                : engine.create(encoder, training, device, learner.seed());
    }
}
