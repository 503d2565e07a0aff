package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.memory.Parts;
import io.contrastream.encoders.memory.RefusedMemory;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An encoder on a DL4J graph. Labels reach the graph as small numbers, images in parts that the input array is kept for. */
final class Dl4jEncoder implements Encoder {

    private final EncoderSpec spec;
    private final TrainingOptions training;
    private final DataType type;
    private final Vertices vertices;
    private final Kernels kernels = new Kernels();
    private final ImageInput input;
    private final EncoderGraph graph;
    private final StateExchange exchange;
    private long step;
    private SkippedStep skipped;
    private boolean closed;

    Dl4jEncoder(EncoderSpec spec, TrainingOptions training, Vertices vertices, DataType type, long seed) {
        this.spec = spec;
        this.training = training;
        this.type = type;
        this.vertices = vertices;
        this.input = new ImageInput(spec.input(), spec.normalization(), type);
        Network network = spec.network();
        UpdateRule rule = new UpdateRule(training.optimizer());
        this.graph = new EncoderGraph(
                GraphTranslator.translate(network, vertices, kernels, rule, training.temperature(), type),
                training.averages());
        this.exchange = new StateExchange(spec, rule, graph);
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
    public float[] embed(float[] images, int n) {
        requireOpen();
        if (n < 1 || images.length != (long) n * spec.input().size()) {
            throw new IllegalArgumentException("embed takes at least one image of " + spec.input() + ", but got "
                    + images.length + " values for " + n);
        }
        return graph.averages() == null
                ? embedWithParameters(images, n)
                : graph.averages().use(() -> embedWithParameters(images, n));
    }

    private float[] embedWithParameters(float[] images, int n) {
        int part = Parts.onCpu(spec);
        float[] embeddings = new float[n * spec.embeddingSize()];
        try {
            for (int from = 0; from < n; from += part) {
                int count = Math.min(part, n - from);
                INDArray features = graph.embed(input.fill(images, from, count)); // [count, D]
                float[] rows = Transfer.floats(features);
                features.close();
                System.arraycopy(rows, 0, embeddings, from * spec.embeddingSize(), rows.length);
            }
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "embedding " + Math.min(part, n) + " images", spec);
        }
        normalizeRows(embeddings, spec.embeddingSize());
        return embeddings;
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
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        requireOpen();
        try {
            double loss = differentiate(views, labels, featureLoss);
            if (!graph.finite()) {
                skipped = SkippedStep.of(
                        loss,
                        exchange.read(step),
                        exchange.gradients(),
                        exchange.observed(),
                        rate * training.optimizer().learningRateAt(step));
                return Float.NaN;
            }
            graph.update(step, rate, training.averagingDecayAt(step));
            step++;
            return (float) loss;
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "training on " + labels.length + " views", spec);
        }
    }

    @Override
    public Optional<SkippedStep> skippedStep() {
        return Optional.ofNullable(skipped);
    }

    /** The loss of a batch; its gradient is then in {@link #graph()}. */
    double differentiate(float[] views, int[] labels, FeatureLoss featureLoss) {
        if (labels.length < 2
                || views.length != (long) labels.length * spec.input().size()) {
            throw new IllegalArgumentException("train takes at least two views of " + spec.input() + ", but got "
                    + views.length + " values for " + labels.length + " labels");
        }
        try (INDArray classes = Nd4j.createUninitialized(type, labels.length, 1)) {
            Transfer.put(numbered(labels), classes);
            return graph.differentiate(input.fill(views, 0, labels.length), classes, featureLoss);
        }
    }

    /** Labels by the order in which they first occur: floats hold them exactly. */
    private static float[] numbered(int[] labels) {
        Map<Integer, Integer> numbers = new HashMap<>();
        float[] values = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            Integer number = numbers.putIfAbsent(labels[i], numbers.size());
            values[i] = number == null ? numbers.size() - 1 : number;
        }
        return values;
    }

    EncoderGraph graph() {
        return graph;
    }

    StateExchange exchange() {
        return exchange;
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
            input.close();
            kernels.close();
            vertices.close();
        }
    }
}
