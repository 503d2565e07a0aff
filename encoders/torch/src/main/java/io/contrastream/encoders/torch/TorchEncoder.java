package io.contrastream.encoders.torch;

import io.contrastream.encoders.memory.Parts;
import io.contrastream.encoders.memory.RefusedMemory;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * An encoder on LibTorch's operations. It walks the network forwards and backwards itself, so that no graph for differentiation is
 * recorded, and what a batch would change lies beside what it would change until the step is known to be taken.
 */
final class TorchEncoder implements Encoder {

    private final EncoderSpec spec;
    private final TrainingOptions training;
    private final Target target;
    private final Network network;
    private final ImageInput input;
    private final Weights weights;
    private final Optimizer optimizer;
    private final Program program;
    private final OperationTimes times;
    private long step;
    /** Of the last batch, be it finite or not. */
    private float lastLoss;

    private SkippedStep skipped;
    private boolean closed;

    TorchEncoder(EncoderSpec spec, TrainingOptions training, Target target, long seed, OperationTimes times) {
        this.spec = spec;
        this.training = training;
        this.target = target;
        this.network = spec.network();
        this.input = new ImageInput(spec.input(), target, target.cuda());
        this.weights = new Weights(network, target, training.averages());
        this.optimizer = new Optimizer(training.optimizer(), weights, target);
        this.program = new Program(network, weights, target, times);
        this.times = times;
        weights.write(network.initialParameters(seed), network.initialParameters(seed));
    }

    @Override
    public EncoderSpec spec() {
        return spec;
    }

    @Override
    public TrainingOptions training() {
        return training;
    }

    @Override
    public String device() {
        return target.device();
    }

    @Override
    public float[] embed(float[] images, int n) {
        weights.useAverages(true);
        try {
            return evaluate(network.embedding(), images, n);
        } finally {
            weights.useAverages(false);
        }
    }

    /** The projections of images with the running statistics, [n, P]. */
    float[] project(float[] images, int n) {
        return evaluate(network.projection(), images, n);
    }

    private float[] evaluate(String node, float[] images, int n) {
        requireOpen();
        if (n < 1 || images.length != (long) n * spec.input().size()) {
            throw new IllegalArgumentException("embed takes at least one image of " + spec.input() + ", but got "
                    + images.length + " values for " + n);
        }
        int part = target.cuda() ? Parts.onDevice(spec, target.freeAtStart()) : Parts.onCpu(spec);
        float[] rows = {};
        for (int from = 0; from < n; from += part) {
            int count = Math.min(part, n - from);
            try (PointerScope scope = new PointerScope();
                    InferenceMode mode = new InferenceMode()) {
                float[] values = Native.floats(program.evaluate(node, input.images(images, from, count)));
                if (from == 0) {
                    rows = new float[values.length / count * n];
                }
                System.arraycopy(values, 0, rows, values.length / count * from, values.length);
            } catch (OutOfMemoryError | RuntimeException e) {
                throw RefusedMemory.failure(e, "embedding " + count + " images", spec);
            }
        }
        return rows;
    }

    @Override
    public void announce(float[] views) {
        try {
            input.announce(views);
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(
                    e, "sending " + views.length / spec.input().size() + " views ahead", spec);
        }
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        requireOpen();
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode()) {
            float loss = differentiate(views, labels, featureLoss);
            if (Float.isNaN(loss)) {
                skipped = SkippedStep.of(
                        lastLoss,
                        state(),
                        weights.gradients().read(""),
                        weights.observed().read(""),
                        rate * training.optimizer().learningRateAt(step));
            } else {
                times.take("optimizer", () -> optimizer.update(step, rate));
                weights.acceptStatistics();
                weights.average(training.averagingDecayAt(step));
                step++;
            }
            return loss;
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "training on " + labels.length + " views", spec);
        }
    }

    Weights weights() {
        return weights;
    }

    /** The loss of a batch's views and features, or NaN if a step cannot be taken; the gradients are then in the weights. */
    float differentiate(float[] views, int[] labels, FeatureLoss featureLoss) {
        if (labels.length < 2
                || views.length != (long) labels.length * spec.input().size()) {
            throw new IllegalArgumentException("train takes at least two views of " + spec.input() + ", but got "
                    + views.length + " values for " + labels.length + " labels");
        }
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode()) {
            return differentiateInScope(views, labels, featureLoss);
        }
    }

    private float differentiateInScope(float[] views, int[] labels, FeatureLoss featureLoss) {
        weights.observed().flat().zero_();
        StepLoss loss = new StepLoss(training.temperature(), labels, featureLoss, target);
        program.differentiate(input.views(views, labels.length), loss);
        float[] result = Native.floats(torch.stack(looked(loss))); // the only wait for the device
        input.arrived();
        lastLoss = (float) (result[0] + loss.ofFeatures());
        for (float value : result) {
            if (!Float.isFinite(value)) {
                return Float.NaN;
            }
        }
        boolean tooSteep = Math.max(-result[1], result[2]) > SkippedStep.LARGEST_GRADIENT;
        return Float.isFinite(lastLoss) && !tooSteep ? 0f + lastLoss : Float.NaN; // no −0
    }

    /** The loss, and the ranges of gradients, of the batch's statistics, and of all that a step starts from. */
    private TensorVector looked(StepLoss loss) {
        TensorVector looked = new TensorVector(loss.ofViews());
        Stream.of(List.of(weights.gradients(), weights.observed()), weights.all(), optimizer.slots())
                .flatMap(Collection::stream)
                .map(TorchEncoder::range)
                .forEach(range -> looked.push_back(range.get0()).push_back(range.get1()));
        return looked;
    }

    @Override
    public Optional<SkippedStep> skippedStep() {
        return Optional.ofNullable(skipped);
    }

    /** The smallest and the largest value: one is not finite if any value is not. A norm takes fifteen times as long. */
    private static T_TensorTensor_T range(FlatTensor values) {
        return torch.aminmax(values.flat());
    }

    @Override
    public EncoderState state() {
        requireOpen();
        return new EncoderState(spec.fingerprint(), step, weights.read(), optimizer.read(step), weights.readAverages());
    }

    @Override
    public void load(EncoderState state) {
        requireOpen();
        state.requireFor(spec, training.optimizer());
        weights.write(state.parameters(), state.embedding());
        optimizer.write(state.optimizerSlots());
        step = state.step();
    }

    @Override
    public OptionalLong peakDeviceBytes() {
        return target.peakDeviceBytes();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the encoder is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            program.close();
            optimizer.close();
            weights.close();
            input.close();
        }
    }
}
