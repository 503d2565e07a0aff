package io.contrastream.encoders.torch;

import io.contrastream.encoders.memory.Parts;
import io.contrastream.encoders.memory.RefusedMemory;
import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.encoder.Diagnostics;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.Gradients;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.Objective;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An encoder on LibTorch's operations. It walks the network forwards and backwards itself, so that no graph for differentiation is
 * recorded, and what a batch would change lies beside what it would change until the step is known to be taken.
 */
final class TorchEncoder implements ReplicatedEncoder {

    private static final ViewFacts NO_VIEWS = ViewFacts.ofOwnImages(new int[0]);

    /** Numbers of a batch from which it pays to embed it in parts. */
    private static final int WORTH_PARTS = 1 << 22;

    private final EncoderSpec spec;
    private final TrainingOptions training;
    private final Target target;
    private final Network network;
    private final Upload images;
    private final Upload labels;
    private final Upload fresh;
    private final DeviceViews views;
    private final Teacher teacher;
    private final Weights weights;
    private final Optimizer optimizer;
    private final ClassifierHead head;
    private final ProxyHead proxies;
    private final Program program;
    private final OperationTimes times;
    private final Replays replays;
    private final Replica replica;
    private long step;
    private Computed computed;
    private SkippedStep skipped;
    private boolean closed;

    TorchEncoder(EncoderSpec spec, TrainingOptions training, Target target, long seed, OperationTimes times) {
        this(spec, training, target, seed, times, Replays.on(target, times), kernels(target));
    }

    /**
     * One of several. Its steps are neither recorded nor done by a device's own kernels: in the middle of them, it waits for the others.
     *
     * @param collective what ties it to the others
     */
    static TorchEncoder replica(
            EncoderSpec spec,
            TrainingOptions training,
            Target target,
            long seed,
            OperationTimes times,
            Collective collective,
            boolean syncBatchNorm) {
        return new TorchEncoder(
                spec,
                training,
                target,
                seed,
                times,
                new Replays(null, times, warning -> {}),
                null,
                new Replica(collective, syncBatchNorm, target));
    }

    /** A device's own kernels, or null. */
    static Kernels kernels(Target target) {
        return Cuda.ask(target, cuda -> cuda.kernels(target), "batch normalisation is LibTorch's and slower");
    }

    /**
     * An encoder of parts.
     *
     * @param replays its own from now on
     * @param kernels kernels for batch normalisation, or null
     */
    TorchEncoder(
            EncoderSpec spec,
            TrainingOptions training,
            Target target,
            long seed,
            OperationTimes times,
            Replays replays,
            Kernels kernels) {
        this(spec, training, target, seed, times, replays, kernels, null);
    }

    private TorchEncoder(
            EncoderSpec spec,
            TrainingOptions training,
            Target target,
            long seed,
            OperationTimes times,
            Replays replays,
            Kernels kernels,
            Replica replica) {
        this.replica = replica;
        this.spec = spec;
        this.training = training;
        this.target = target;
        this.replays = replays;
        this.network = training.network(spec);
        this.images = new Upload(target, ScalarType.Float, replays::forget);
        this.labels = new Upload(target, ScalarType.Int, replays::forget);
        this.fresh = new Upload(target, ScalarType.Float, replays::forget);
        this.views = new DeviceViews(spec.input(), target, replays::forget);
        this.teacher = new Teacher(target, replays::forget);
        this.weights = new Weights(network, target, training.averages());
        this.optimizer =
                new Optimizer(training.optimizer(), weights.trained(), weights.values(), weights.gradients(), target);
        this.head = new ClassifierHead(training.optimizer(), target, training.averages());
        this.proxies = new ProxyHead(training.optimizer(), target);
        this.program = new Program(network, weights, target, times, kernels, replica);
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
    public Precision precision() {
        return target.precision();
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

    @Override
    public void recalibrate(float[] images, int n) {
        requireOpen();
        if (!training.averages()) {
            throw new IllegalArgumentException(
                    "statistics are taken anew for averages of the weights, but there are none");
        }
        requireImages(images, n);
        List<Integer> starts = Parts.statistics(n);
        computed = null; // a step's statistics do not stand any more
        if (starts.isEmpty()) {
            return;
        }
        int size = spec.input().size();
        weights.useAverages(true);
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode()) {
            Tensor before = weights.running().flat().clone();
            for (int part = 0; part + 1 < starts.size(); part++) {
                int from = starts.get(part);
                int count = starts.get(part + 1) - from;
                try (PointerScope ofPart = new PointerScope()) {
                    this.images.send(images, from * size, count * size);
                    program.observe(network.embedding(), receivedImages(count));
                    weights.addToStatistics(part);
                    Native.host(weights.running().flat().narrow(0, 0, 1)); // before the images' memory is written again
                }
            }
            for (float value : Native.floats(weights.running().flat())) {
                if (!Float.isFinite(value)) {
                    weights.running().flat().copy_(before);
                    break;
                }
            }
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "taking statistics of " + n + " images", spec);
        } finally {
            weights.useAverages(false);
        }
    }

    /** The projections of images with the running statistics, [n, P]. */
    float[] project(float[] images, int n) {
        return evaluate(network.projection(), images, n);
    }

    private void requireImages(float[] images, int n) {
        if (n < 1 || images.length != (long) n * spec.input().size()) {
            throw new IllegalArgumentException("embed takes at least one image of " + spec.input() + ", but got "
                    + images.length + " values for " + n);
        }
    }

    private float[] evaluate(String node, float[] images, int n) {
        requireOpen();
        requireImages(images, n);
        int part = part(n);
        List<Tensor> rows = new ArrayList<>();
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode()) {
            for (int from = 0; from < n; from += part) {
                rows.add(evaluatePart(node, images, n, from, Math.min(part, n - from)));
            }
            return Native.floats(torch.cat(new TensorVector(rows.toArray(Tensor[]::new)), 0));
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "embedding " + Math.min(part, n) + " images", spec);
        } finally {
            rows.forEach(Tensor::close);
        }
    }

    /** Images that are embedded at once: on a GPU large ones in parts, of which one is written for the GPU while it has the one before. */
    private int part(int n) {
        if (!target.cuda()) {
            return Parts.onCpu(spec);
        }
        int most = Parts.onDevice(spec, target.freeAtStart());
        return (long) n * spec.input().size() < WORTH_PARTS ? most : Math.min(most, Math.max(1, (n + 3) / 4));
    }

    /** The rows of some of the images, which the device may still be working at; the caller closes them. */
    private Tensor evaluatePart(String node, float[] images, int n, int from, int count) {
        int size = spec.input().size();
        try (PointerScope scope = new PointerScope()) {
            boolean parts = target.cuda();
            this.images.send(
                    images, from * size, count * size, parts ? from * size : 0, parts ? n * size : count * size);
            Tensor rows = replays.run(new Evaluation(node, count), () -> evaluate(node, receivedImages(count)));
            return Native.keep(rows.clone()); // the next part writes them anew
        }
    }

    /** An output of images that are on the device; where it is the embedding, and that is to be so, of their mirror images too. */
    private Tensor evaluate(String node, Tensor images) {
        Tensor rows = program.evaluate(node, images);
        if (!spec.mirrorEmbedding() || !node.equals(network.embedding())) {
            return rows;
        }
        Tensor mirrored = Native.channelsLast(images.flip(3)); // of [N, C, H, W]
        Tensor sum = rows.add(program.evaluate(node, mirrored));
        return sum.div_(UnitOperation.norms(sum));
    }

    /** The part that is the same in evaluations that are replayed. */
    private record Evaluation(String node, int images) {

        @Override
        public String toString() {
            return node + " of " + images + " images";
        }
    }

    /** The images that were sent last, channels last on the device: [count, C, H, W], of the innermost scope. */
    private Tensor receivedImages(int count) {
        ImageShape shape = spec.input();
        return Native.channelsLast(images.received((long) count * shape.size())
                .view(count, shape.channels(), shape.height(), shape.width()));
    }

    @Override
    public boolean makesViews() {
        return true;
    }

    @Override
    public long step() {
        return step;
    }

    @Override
    public Gradients gradients(StepInput input, Objective objective) {
        ViewFacts facts = input.facts();
        return gradients(made(input), facts, facts, objective);
    }

    private Supplier<Sent> made(StepInput input) {
        input.requireFor(spec.input());
        return () -> {
            DeviceViews.Work work = views.send(input);
            return new Sent(work, () -> views.make(work));
        };
    }

    @Override
    public Gradients gradients(Shard shard, Objective objective) {
        if (replica == null) {
            throw new IllegalStateException("the encoder is the only one, and takes no shard of a step");
        }
        replica.begin(shard);
        try {
            return shard.input() == null
                    ? gradients(() -> new Sent("nothing", null), NO_VIEWS, shard.whole(), objective)
                    : gradients(made(shard.input()), shard.input().facts(), shard.whole(), objective);
        } finally {
            replica.end();
        }
    }

    @Override
    public void compare() {
        if (replica != null) {
            List<Tensor> arrays = Stream.of(weights.all(), optimizer.slots(), head.all(), proxies.all())
                    .flatMap(Collection::stream)
                    .map(FlatTensor::flat)
                    .toList();
            replica.compare(step, arrays);
        }
    }

    /**
     * Gradients of views that are made already.
     *
     * @param made [N, C, H, W]
     */
    Gradients gradients(float[] made, int[] classes, Objective objective) {
        ViewFacts facts = ViewFacts.ofOwnImages(classes);
        return gradients(
                () -> {
                    images.send(made, 0, made.length);
                    return new Sent("views", () -> receivedImages(classes.length));
                },
                facts,
                facts,
                objective);
    }

    /**
     * Inputs of a step, on the device.
     *
     * @param work what is done for the views
     * @param views [N, C, H, W], channels last on the device, of the innermost scope; null if there are none
     */
    private record Sent(Object work, Supplier<Tensor> views) {}

    /**
     * The part that is the same in steps that are replayed; addresses are, or all is forgotten.
     *
     * @param labels most that a view has
     */
    private record Step(Object work, int views, int labels, int asked, Objective objective) {

        @Override
        public String toString() {
            return "a step of " + views + " views";
        }
    }

    /**
     * Gradients of views.
     *
     * @param own of this encoder
     * @param facts of all replicas' views
     */
    private Gradients gradients(Supplier<Sent> input, ViewFacts own, ViewFacts facts, Objective wanted) {
        requireOpen();
        wanted.requireTeacher(training.averages());
        Objective objective = facts.minimised(wanted);
        Set<String> outputs = outputs(objective);
        int count = facts.labels().length;
        computed = null;
        try {
            int[] numbers = facts.labelSets().table();
            int most = numbers.length / count;
            boolean classified = grow(objective, numbers);
            boolean proxied = growProxies(objective, numbers);
            try (PointerScope scope = new PointerScope();
                    InferenceMode mode = new InferenceMode()) {
                Sent sent = input.get();
                labels.send(numbers);
                sendFresh(facts.fresh());
                boolean asks = objective.distillation().isPresent() && own.labels().length > 0;
                int asked = asks ? teacher.send(own.lastViews()) : 0;
                Tensor looked = replays.run(
                        new Step(sent.work(), count, most, asked, objective),
                        () -> differentiate(sent.views(), count, most, asked, objective, outputs, classified, proxied));
                // The only wait for the device.
                computed = computed(Native.floats(looked), classified, proxied);
                return computed;
            }
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "training on " + count + " views", spec);
        }
    }

    private void sendFresh(boolean[] ofViews) {
        float[] marks = new float[ofViews.length];
        for (int view = 0; view < marks.length; view++) {
            marks[view] = ofViews[view] ? 1 : 0;
        }
        fresh.send(marks, 0, marks.length);
    }

    /** Nothing in here waits for the device, has another address in the next step, or depends on what the host knows of this step alone. */
    private Tensor differentiate(
            Supplier<Tensor> made,
            int count,
            int most,
            int asked,
            Objective objective,
            Set<String> outputs,
            boolean classified,
            boolean proxied) {
        weights.observed().flat().zero_();
        if (classified) {
            head.gradients().flat().zero_();
        }
        if (proxied) {
            proxies.gradients().flat().zero_();
        }
        Tensor loss = made == null ? nothing() : ofViews(made, count, most, asked, objective, outputs);
        if (replica != null && replica.atStep()) {
            loss = loss.clone(); // of no array that outlives the step
            times.take("join", join(loss, classified, proxied));
        }
        return torch.stack(looked(loss, classified, proxied));
    }

    /** Gradients of no views; the loss. */
    private Tensor nothing() {
        weights.gradients().flat().zero_();
        return Native.zeros(target.device(), ScalarType.Float);
    }

    /** The loss. */
    private Tensor ofViews(
            Supplier<Tensor> made, int count, int most, int asked, Objective objective, Set<String> outputs) {
        AtomicReference<Tensor> ready = new AtomicReference<>();
        times.take("views", () -> ready.set(made.get()));
        Tensor answers = objective
                .distillation()
                .map(term -> teacher.answers(term, ready.get(), asked, program, weights, head))
                .map(own -> replica != null && replica.atStep() ? replica.gather(own) : own)
                .orElse(null);
        RowLabels ofRows = RowLabels.of(labels.received((long) count * most), most);
        StepLoss loss = new StepLoss(objective, network, ofRows, fresh.received(count), head, proxies, answers);
        program.differentiate(ready.get(), outputs, replica != null && replica.atStep() ? ofAll(loss) : loss);
        return loss.value();
    }

    /** A loss of the views of all replicas, of which this one goes back from its own. */
    private Program.Loss ofAll(Program.Loss loss) {
        return outputs -> {
            Map<String, Tensor> gradients = loss.gradients(node -> replica.gather(outputs.apply(node)));
            gradients.replaceAll((node, gradient) -> replica.own(gradient));
            return gradients;
        };
    }

    private Runnable join(Tensor loss, boolean classified, boolean proxied) {
        List<Tensor> known = new ArrayList<>();
        if (classified) {
            known.add(head.gradients().flat());
        }
        if (proxied) {
            known.add(proxies.gradients().flat());
        }
        known.add(loss.view(1));
        return () -> replica.join(weights.gradients().flat(), weights.observed().flat(), known);
    }

    private Set<String> outputs(Objective objective) {
        return objective.terms().stream()
                .map(term -> network.output(term.tap()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Has the classifier ready, if the objective has one. */
    private boolean grow(Objective objective, int[] classes) {
        objective.crossEntropy().ifPresent(term -> {
            int features = term.tap().equals(Network.PROJECTION) ? spec.projectionSize() : spec.embeddingSize();
            if (head.grow(Classifier.grown(head.classes(), classes), features, term.seed())) {
                replays.forget();
            }
        });
        return objective.crossEntropy().isPresent();
    }

    /** Has the class vectors ready, if the objective has any. */
    private boolean growProxies(Objective objective, int[] classes) {
        objective.proxy().ifPresent(term -> {
            int features = term.tap().equals(Network.PROJECTION) ? spec.projectionSize() : spec.embeddingSize();
            if (proxies.grow(Classifier.grown(proxies.classes(), classes), features, term.seed())) {
                replays.forget();
            }
        });
        return objective.proxy().isPresent();
    }

    /** The loss, and the ranges of gradients, of the batch's statistics, and of all that a step starts from. */
    private TensorVector looked(Tensor loss, boolean classified, boolean proxied) {
        TensorVector looked = new TensorVector(loss);
        Stream.of(
                        classified ? List.of(head.gradients()) : List.<FlatTensor>of(),
                        proxied ? List.of(proxies.gradients()) : List.<FlatTensor>of(),
                        List.of(weights.gradients(), weights.observed()),
                        weights.all(),
                        optimizer.slots(),
                        head.all(),
                        proxies.all())
                .flatMap(Collection::stream)
                .map(TorchEncoder::range)
                .forEach(range -> looked.push_back(range.get0()).push_back(range.get1()));
        return looked;
    }

    private Computed computed(float[] looked, boolean classified, boolean proxied) {
        boolean finite = true;
        for (float value : looked) {
            finite &= Float.isFinite(value);
        }
        float steepest = 0;
        int gradients = 1 + (classified ? 1 : 0) + (proxied ? 1 : 0);
        for (int i = 1; i <= 2 * gradients; i++) {
            steepest = Math.max(steepest, Math.abs(looked[i]));
        }
        boolean usable = finite && steepest <= SkippedStep.LARGEST_GRADIENT;
        return new Computed(0f + looked[0], usable, classified, proxied); // no −0
    }

    private final class Computed implements Gradients {

        private final float loss;
        private final boolean usable;
        private final boolean classified;
        private final boolean proxied;

        Computed(float loss, boolean usable, boolean classified, boolean proxied) {
            this.loss = loss;
            this.usable = usable;
            this.classified = classified;
            this.proxied = proxied;
        }

        @Override
        public float loss() {
            return loss;
        }

        @Override
        public boolean usable() {
            return usable;
        }

        @Override
        public List<io.contrastream.learning.network.Tensor> read() {
            requireLast(this);
            List<io.contrastream.learning.network.Tensor> tensors =
                    new ArrayList<>(weights.gradients().read(""));
            if (classified) {
                tensors.addAll(head.readGradients());
            }
            if (proxied) {
                tensors.addAll(proxies.readGradients());
            }
            return tensors;
        }
    }

    private void requireLast(Gradients gradients) {
        requireOpen();
        if (gradients != computed) {
            throw new IllegalArgumentException("these gradients do not stand any more, or are another encoder's");
        }
    }

    @Override
    public StepResult apply(Gradients gradients, StepRate rate) {
        requireLast(gradients);
        Computed last = computed;
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode()) {
            if (last.usable) {
                take(rate.factor(), last);
            } else {
                skipped = SkippedStep.of(
                        last.loss,
                        state(),
                        last.read(),
                        weights.observed().read(""),
                        rate.factor() * training.optimizer().learningRateAt(step));
            }
            computed = null;
            compare();
            return new StepResult(last.loss, last.usable);
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "an optimiser step", spec);
        }
    }

    private void take(double rate, Computed last) {
        times.take("optimizer", () -> {
            optimizer.update(step, rate);
            if (last.classified) {
                head.update(step, rate);
            }
            if (last.proxied) {
                proxies.update(step, rate);
            }
        });
        weights.changed();
        weights.acceptStatistics();
        weights.average(training.averagingDecayAt(step));
        head.average(training.averagingDecayAt(step));
        step++;
    }

    @Override
    public Diagnostics diagnostics() {
        return new Diagnostics(Optional.ofNullable(skipped), target.peakDeviceBytes());
    }

    /** The smallest and the largest value: one is not finite if any value is not. A norm takes fifteen times as long. */
    private static T_TensorTensor_T range(FlatTensor values) {
        return torch.aminmax(values.flat());
    }

    /** The arrays that are where they are from step to step: what a step starts from, what it computes, and what it changes. */
    List<Tensor> standing() {
        return Stream.of(
                        weights.all().stream().map(FlatTensor::flat),
                        Stream.of(weights.gradients().flat(), weights.observed().flat()),
                        optimizer.slots().stream().map(FlatTensor::flat),
                        head.all().stream().map(FlatTensor::flat),
                        proxies.all().stream().map(FlatTensor::flat),
                        Stream.of(Stream.of(images, labels, fresh), views.uploads(), teacher.uploads())
                                .flatMap(uploads -> uploads)
                                .flatMap(Upload::memory))
                .flatMap(tensors -> tensors)
                .toList();
    }

    @Override
    public EncoderState state() {
        requireOpen();
        return new EncoderState(
                spec.fingerprint(),
                step,
                weights.read(),
                optimizer.read(step),
                weights.readAverages(),
                head.read(step),
                proxies.read(step));
    }

    @Override
    public void load(EncoderState state) {
        requireOpen();
        state.requireFor(spec, training.optimizer());
        replays.forget();
        weights.write(state.parameters(), state.embedding());
        optimizer.write(state.optimizerSlots());
        head.write(state.newestClassifier(), state.averagedClassifier());
        proxies.write(state.proxies());
        step = state.step();
        computed = null;
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
            replays.close();
            program.close();
            optimizer.close();
            weights.close();
            head.close();
            proxies.close();
            images.close();
            labels.close();
            fresh.close();
            views.close();
            teacher.close();
        }
    }
}
