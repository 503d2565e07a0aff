package io.contrastream.benchmarks.encoder;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderEngine.Launches;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Times the two calls that learning is made of, on images of random pixels: {@link Encoder#embed} and {@link Encoder#train}. What
 * is timed begins and ends with arrays of Java, as in a job.
 *
 * @param batch images of an embedding call and views of a training step, at least 2
 * @param warmup how long each is done before it is measured
 * @param time how long each is measured
 */
record EncoderBenchmark(int batch, Duration warmup, Duration time) {

    EncoderBenchmark {
        if (batch < 2) {
            throw new IllegalArgumentException("batch must be at least 2, but is " + batch);
        }
    }

    /**
     * Measurements.
     *
     * @param forward embedding calls of {@code batch} images
     * @param train training steps of {@code batch} views
     * @param loss of the last training step
     * @param peakDeviceBytes memory of the device, where the engine tells
     */
    record Figures(Timings forward, Timings train, float loss, OptionalLong peakDeviceBytes) {}

    /** @throws IllegalStateException if the loss or a gradient is not finite: then a step does less than it should */
    Figures run(Encoder encoder) {
        StepInput input = input(encoder.spec().input());
        float[] images = input.hostViews();
        Timings forward = Timings.measure(warmup, time, () -> encoder.embed(images, batch));
        float[] loss = new float[1];
        Timings train = Timings.measure(warmup, time, () -> loss[0] = step(encoder, input));
        return new Figures(forward, train, loss[0], encoder.diagnostics().peakDeviceBytes());
    }

    /**
     * Whether memory stays.
     *
     * @param steps training steps, with an embedding of ten images after each
     * @param early what is taken after a tenth of them
     * @param end what is taken at their end
     */
    record Growth(int steps, Memory early, Memory end) {}

    /**
     * Memory taken at one time.
     *
     * @param residentBytes physical memory of the process
     * @param deviceBytes the most of the device's so far: it stays only if what is taken of the device does
     */
    record Memory(OptionalLong residentBytes, OptionalLong deviceBytes) {

        private static Memory of(Encoder encoder) {
            return new Memory(Machine.residentBytes(), encoder.diagnostics().peakDeviceBytes());
        }
    }

    /**
     * Trains for a number of steps and looks at memory.
     *
     * @param steps at least 10
     * @throws IllegalStateException if the loss or a gradient is not finite
     */
    Growth grow(Encoder encoder, int steps) {
        StepInput input = input(encoder.spec().input());
        int few = Math.min(batch, 10);
        float[] plain =
                Arrays.copyOf(input.hostViews(), few * encoder.spec().input().size());
        Memory early = null;
        for (int step = 1; step <= steps; step++) {
            step(encoder, input);
            encoder.embed(plain, few);
            if (step == steps / 10) {
                early = Memory.of(encoder);
            }
        }
        return new Growth(steps, early, Memory.of(encoder));
    }

    /** Shares of the time of some embedding calls, and of some training steps. */
    Map<String, Map<String, Double>> profile(EncoderEngine engine, Encoder encoder) {
        StepInput input = input(encoder.spec().input());
        float[] images = input.hostViews();
        return Map.of(
                "forward", Profile.of(engine, () -> encoder.embed(images, batch)),
                "train", Profile.of(engine, () -> step(encoder, input)));
    }

    /** Operations and waits of one call, of {@code forward} and of {@code train}. */
    Map<String, Optional<Launches>> launches(EncoderEngine engine, Encoder encoder) {
        StepInput input = input(encoder.spec().input());
        float[] images = input.hostViews();
        return Map.of(
                "forward", engine.launches(() -> encoder.embed(images, batch)),
                "train", engine.launches(() -> step(encoder, input)));
    }

    private static float step(Encoder encoder, StepInput input) {
        SupCon objective = new SupCon(Network.PROJECTION, encoder.training().temperature(), SupCon.Variant.OUT);
        StepResult result = encoder.train(input, objective, StepRate.FULL);
        if (!result.taken()) {
            throw new IllegalStateException("the loss or a gradient is not finite any more: nothing can be measured");
        }
        return result.loss();
    }

    /** Every image is a view as it is, so that views cost the same wherever they are made. */
    private StepInput input(ImageShape shape) {
        byte[] pixels = new byte[Math.multiplyExact(batch, shape.size())];
        RandomStream random = RandomStream.of(0, Purpose.GENERATE, 0, 0);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        StepInput plain = StepInput.plain(shape, pixels, labels());
        float[] views = plain.hostViews();
        return new StepInput(shape, pixels, plain.labels(), plain.views(), () -> views);
    }

    /** Two views of every class; three of one if the batch is odd. */
    private int[] labels() {
        int[] labels = new int[batch];
        for (int i = 0; i < batch; i++) {
            labels[i] = i % (batch / 2);
        }
        return labels;
    }
}
