package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.Vertices;
import io.contrastream.encoders.memory.Parts;
import io.contrastream.encoders.memory.RefusedMemory;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.encoder.Diagnostics;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.Gradients;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An encoder on a DL4J graph. Images reach the graph in parts that the input array is kept for. */
final class Dl4jEncoder implements Encoder {

    private final EncoderSpec spec;
    private final TrainingOptions training;
    private final Network network;
    private final Vertices vertices;
    private final Kernels kernels = new Kernels();
    private final ImageInput input;
    private final EncoderGraph graph;
    private final ClassifierHead head;
    private final ProxyHead proxies;
    private final StateExchange exchange;
    private long step;
    private Computed computed;
    private SkippedStep skipped;
    private boolean closed;

    Dl4jEncoder(EncoderSpec spec, TrainingOptions training, Vertices vertices, DataType type, long seed) {
        this.spec = spec;
        this.training = training;
        this.vertices = vertices;
        this.input = new ImageInput(spec.input(), spec.normalization(), type);
        this.network = training.network(spec);
        UpdateRule rule = new UpdateRule(training.optimizer());
        this.graph = new EncoderGraph(
                GraphTranslator.translate(network, vertices, kernels, rule, type), training.averages());
        this.head = new ClassifierHead(rule, type, training.averages());
        this.proxies = new ProxyHead(rule, type);
        this.exchange = new StateExchange(spec, rule, graph, head, proxies);
        exchange.write(new EncoderState(spec.fingerprint(), 0, network.initialParameters(seed), List.of()));
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
        return NativeBackend.device();
    }

    @Override
    public Precision precision() {
        return vertices.precision();
    }

    @Override
    public float[] embed(float[] images, int n) {
        requireOpen();
        requireImages(images, n);
        return graph.averages() == null
                ? embedWithParameters(images, n)
                : graph.averages().use(() -> embedWithParameters(images, n));
    }

    @Override
    public void recalibrate(float[] images, int n) {
        requireOpen();
        if (graph.averages() == null) {
            throw new IllegalArgumentException(
                    "statistics are taken anew for averages of the weights, but there are none");
        }
        requireImages(images, n);
        List<Integer> starts = Parts.statistics(n);
        computed = null; // a step's statistics do not stand any more
        try {
            graph.averages().use(() -> {
                Runnable back = graph.averageStatistics();
                for (int part = 0; part + 1 < starts.size(); part++) {
                    int from = starts.get(part);
                    graph.observe(input.fill(images, from, starts.get(part + 1) - from), part);
                }
                if (!graph.finiteStatistics()) {
                    back.run();
                }
                return null;
            });
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "taking statistics of " + n + " images", spec);
        }
    }

    private void requireImages(float[] images, int n) {
        if (n < 1 || images.length != (long) n * spec.input().size()) {
            throw new IllegalArgumentException("embed takes at least one image of " + spec.input() + ", but got "
                    + images.length + " values for " + n);
        }
    }

    private float[] embedWithParameters(float[] images, int n) {
        int part = Parts.onCpu(spec);
        float[] embeddings = new float[n * spec.embeddingSize()];
        try {
            for (int from = 0; from < n; from += part) {
                int count = Math.min(part, n - from);
                float[] rows = embedPart(input.fill(images, from, count));
                if (spec.mirrorEmbedding()) {
                    add(embedPart(input.fillMirrored(images, from, count)), rows);
                    normalizeRows(rows, spec.embeddingSize());
                }
                System.arraycopy(rows, 0, embeddings, from * spec.embeddingSize(), rows.length);
            }
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "embedding " + Math.min(part, n) + " images", spec);
        }
        return embeddings;
    }

    /** Unit rows, [count, D]. */
    private float[] embedPart(INDArray images) {
        INDArray features = graph.embed(images); // [count, D]
        float[] rows = Transfer.floats(features);
        features.close();
        normalizeRows(rows, spec.embeddingSize());
        return rows;
    }

    private static void add(float[] values, float[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] += values[i];
        }
    }

    /** Projections of images as {@link #embed} takes them, in one part: [n, P], rows of length 1. */
    float[] project(float[] images, int n) {
        INDArray outputs = graph.project(input.fill(images, 0, n)); // [n, P]
        float[] rows = Transfer.floats(outputs);
        outputs.close();
        normalizeRows(rows, spec.projectionSize());
        return rows;
    }

    private static void normalizeRows(float[] rows, int size) {
        for (int offset = 0; offset < rows.length; offset += size) {
            double square = 0;
            for (int i = offset; i < offset + size; i++) {
                square += (double) rows[i] * rows[i];
            }
            double norm = Math.max(Math.sqrt(square), Node.L2Normalize.EPSILON);
            for (int i = offset; i < offset + size; i++) {
                rows[i] = (float) (rows[i] / norm);
            }
        }
    }

    @Override
    public long step() {
        return step;
    }

    @Override
    public Gradients gradients(StepInput input, Objective objective) {
        input.requireFor(spec.input());
        return gradients(input.hostViews(), input.facts(), objective);
    }

    /**
     * Gradients of views that are made already; those of the network are then in {@link #graph()}.
     *
     * @param views [N, C, H, W]
     */
    Gradients gradients(float[] views, int[] labels, Objective objective) {
        return gradients(views, ViewFacts.ofOwnImages(labels), objective);
    }

    private Gradients gradients(float[] views, ViewFacts facts, Objective wanted) {
        requireOpen();
        wanted.requireTeacher(training.averages());
        Objective objective = facts.minimised(wanted);
        objective.terms().forEach(term -> network.output(term.tap()));
        int count = facts.labels().length;
        computed = null;
        try {
            int[] labels = facts.labelSets().table();
            boolean classified = grow(objective, labels);
            boolean proxied = growProxies(objective, labels);
            double[] answers = objective
                    .distillation()
                    .map(term -> answers(term.tap(), views, facts.lastViews()))
                    .orElse(new double[0]);
            double loss = graph.differentiate(input.fill(views, 0, count), objective, facts, head, proxies, answers);
            computed = new Computed(loss, graph.finite(head, classified, proxies, proxied), classified, proxied);
            return computed;
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "training on " + count + " views", spec);
        }
    }

    /**
     * Answers of the averages for every view, [V · capacity].
     *
     * @param answering position of the view that answers for each view, [V]
     */
    private double[] answers(String tap, float[] views, int[] answering) {
        int[] asked = Arrays.stream(answering).distinct().sorted().toArray();
        int size = spec.input().size();
        float[] chosen = new float[asked.length * size];
        for (int i = 0; i < asked.length; i++) {
            System.arraycopy(views, asked[i] * size, chosen, i * size, size);
        }
        INDArray rows = graph.averages().use(() -> outputs(tap, input.fill(chosen, 0, asked.length))); // [asked, D]
        double[] answers = new ClassifierPass(head, kernels).forwardOfAverages(rows);
        rows.close();
        double[] ofViews = new double[answering.length * head.capacity()];
        for (int view = 0; view < answering.length; view++) {
            int row = Arrays.binarySearch(asked, answering[view]);
            System.arraycopy(answers, row * head.capacity(), ofViews, view * head.capacity(), head.capacity());
        }
        return ofViews;
    }

    /** An output of the network with the running statistics. The caller closes it. */
    private INDArray outputs(String tap, INDArray images) {
        if (!network.hasUnitRows(tap)) {
            return graph.embed(images);
        }
        INDArray outputs = graph.project(images);
        float[] rows = Transfer.floats(outputs);
        normalizeRows(rows, spec.projectionSize());
        Transfer.put(rows, outputs);
        return outputs;
    }

    /** Has the classifier ready, if the objective has one. */
    private boolean grow(Objective objective, int[] labels) {
        objective.crossEntropy().ifPresent(term -> {
            int features = term.tap().equals(Network.PROJECTION) ? spec.projectionSize() : spec.embeddingSize();
            head.grow(Classifier.grown(head.classes(), labels), features, term.seed());
        });
        return objective.crossEntropy().isPresent();
    }

    /** Has the class vectors ready, if the objective has any. */
    private boolean growProxies(Objective objective, int[] labels) {
        objective.proxy().ifPresent(term -> {
            int features = term.tap().equals(Network.PROJECTION) ? spec.projectionSize() : spec.embeddingSize();
            proxies.grow(Classifier.grown(proxies.classes(), labels), features, term.seed());
        });
        return objective.proxy().isPresent();
    }

    private final class Computed implements Gradients {

        private final double loss;
        private final boolean usable;
        private final boolean classified;
        private final boolean proxied;

        Computed(double loss, boolean usable, boolean classified, boolean proxied) {
            this.loss = loss;
            this.usable = usable;
            this.classified = classified;
            this.proxied = proxied;
        }

        @Override
        public float loss() {
            return (float) loss;
        }

        @Override
        public boolean usable() {
            return usable;
        }

        @Override
        public List<Tensor> read() {
            requireLast(this);
            List<Tensor> tensors = new ArrayList<>(exchange.gradients());
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
        try {
            if (last.usable) {
                int iteration = (int) Math.min(step, Integer.MAX_VALUE - 1);
                graph.update(iteration, rate.factor(), training.averagingDecayAt(step));
                if (last.classified) {
                    head.update(iteration, rate.factor());
                }
                if (last.proxied) {
                    proxies.update(iteration, rate.factor());
                }
                head.average(training.averagingDecayAt(step));
                step++;
            } else {
                skipped = SkippedStep.of(
                        last.loss,
                        exchange.read(step),
                        last.read(),
                        exchange.observed(),
                        rate.factor() * training.optimizer().learningRateAt(step));
            }
            computed = null;
            return new StepResult(last.loss(), last.usable);
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "an optimiser step", spec);
        }
    }

    @Override
    public Diagnostics diagnostics() {
        return Diagnostics.of(skipped);
    }

    EncoderGraph graph() {
        return graph;
    }

    @Override
    public EncoderState state() {
        requireOpen();
        return exchange.read(step);
    }

    @Override
    public void load(EncoderState state) {
        requireOpen();
        exchange.write(state);
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
            graph.close();
            head.close();
            proxies.close();
            input.close();
            kernels.close();
            vertices.close();
        }
    }
}
