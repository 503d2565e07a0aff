package io.contrastream.jobs.learning.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.Allowed;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.Setting;
import java.time.Duration;
import java.util.List;

/** Options of when the learner releases its encoder, and of what a release has to be like. */
public final class ReleaseSettings {

    public static final Setting<String> DIRECTORY = new Setting<>(
            key("release.directory")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Where releases go, as a URI of a file system that every machine of the cluster reaches:"
                                    + " a folder of weights, ONNX model, prototypes and manifest for each, under the model's name"
                                    + " and the encoder's version. A release is announced once a checkpoint is complete"
                                    + " that contains it. Not set: nothing is released."),
            new Allowed<>(
                    "an absolute path or a URI such as file:///var/lib/contrastream/releases or s3://bucket/releases",
                    Location::isAbsolute));

    public static final Setting<Long> EVERY_STEPS = new Setting<>(
            key("release.every-steps")
                    .longType()
                    .defaultValue(1000L)
                    .withDescription("Optimiser steps between releases; 0 for no releases by steps."
                            + " For a release, all of memory is embedded."),
            Allowed.longFrom(0));

    public static final Setting<Duration> EVERY = new Setting<>(
            key("release.every")
                    .durationType()
                    .defaultValue(Duration.ZERO)
                    .withDescription("A release is due with the first mini-batch so long after the last one; 0 s for"
                            + " not by time."),
            Allowed.durationFrom(Duration.ZERO, "0 s"));

    public static final Setting<Double> HELD_OUT_SHARE = new Setting<>(
            key("release.held-out-share")
                    .doubleType()
                    .defaultValue(0.05)
                    .withDescription(
                            "Share of the images that are never trained on, chosen by a hash of their ids, so that a"
                                    + " release can be tried on those of them that memory has. Without release.directory, none is"
                                    + " held out."),
            Allowed.shareUpTo("0.5"));

    public static final Setting<Double> MAX_DIFFERENCE = new Setting<>(
            key("release.max-difference")
                    .doubleType()
                    .noDefaultValue()
                    .withDescription(
                            "Most by which a component of an embedding may differ between the engine and the exported"
                                    + " network, on images of memory; else the encoder is not released. Not set: 1e-4 where the"
                                    + " engine works in float32, and 0.02 where it works in tf32 or bf16, since the exported"
                                    + " network is float32 in any case."),
            Allowed.numberAbove(0));

    public static final Setting<Double> MAX_ACCURACY_LOSS = new Setting<>(
            key("release.max-accuracy-loss")
                    .doubleType()
                    .defaultValue(0.02)
                    .withDescription("Most by which the accuracy on the held-out images of memory may be below that of"
                            + " the last release on the same images; else the encoder is not released."),
            Allowed.shareUpTo("1"));

    static final List<Setting<?>> ALL =
            List.of(DIRECTORY, EVERY_STEPS, EVERY, HELD_OUT_SHARE, MAX_DIFFERENCE, MAX_ACCURACY_LOSS);

    private ReleaseSettings() {}
}
