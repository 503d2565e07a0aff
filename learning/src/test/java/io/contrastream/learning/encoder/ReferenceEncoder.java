package io.contrastream.learning.encoder;

import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.CrossEntropyTwin;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.DistillTwin;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Proxies;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.ProxyTwin;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.SupConTwin;
import io.contrastream.learning.objective.Term;
import io.contrastream.learning.objective.Twins;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A small encoder in plain Java that really learns, for fast tests: images are normalised and averaged over a grid of at most
 * 8x8 cells a channel (features [N, F]), then linear and ReLU to the embedding [N, D], and from it linear to the projection
 * [N, P]; both of unit length. It knows SGD with momentum and weight decay, and not Adam; objectives by their twins. Its sizes D and P are those of the
 * specification, its parameters are its own.
 */
public final class ReferenceEncoder implements Encoder {

    private static final int GRID = 8;
    private static final double EPSILON = 1e-12;

    private final EncoderSpec spec;
    private final TrainingOptions training;
    private final OptimizerOptions optimizer;
    private final int gridHeight;
    private final int gridWidth;
    private final int features;
    private final int embedding;
    private final int projection;

    /** Weight [D, F], bias [D], weight [P, D]; and behind them, once there is a classifier, its weight [K, D] and bias [K]. */
    private float[][] parameters;

    private float[][] momentum;
    /** Of all of them, if there are any. */
    private float[][] averages;

    /** Class vectors of a proxy loss [K, D] and the momentum of them; empty if there are none. */
    private float[] proxies = {};

    private float[] proxyMomentum = {};

    private long step;

    /** @throws IllegalArgumentException if the optimiser is not SGD */
    public ReferenceEncoder(EncoderSpec spec, TrainingOptions training, long seed) {
        if (training.optimizer().kind() != Kind.SGD) {
            throw new IllegalArgumentException("the reference encoder knows only SGD");
        }
        this.spec = spec;
        this.training = training;
        optimizer = training.optimizer();
        gridHeight = Math.min(GRID, spec.input().height());
        gridWidth = Math.min(GRID, spec.input().width());
        features = spec.input().channels() * gridHeight * gridWidth;
        embedding = spec.embeddingSize();
        projection = spec.projectionSize();
        parameters = new float[][] {
            initial(seed, 0, embedding * features, Math.sqrt(2.0 / features)),
            new float[embedding],
            initial(seed, 1, projection * embedding, Math.sqrt(2.0 / embedding))
        };
        momentum = new float[0][];
        averages = training.averages() ? copy(parameters) : new float[0][];
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
    public float[] embed(float[] images, int n) {
        check(images, n);
        float[] embeddings = new float[n * embedding];
        for (int i = 0; i < n; i++) {
            double[] unit = unit(hidden(training.averages() ? averages : parameters, features(images, i)));
            for (int d = 0; d < embedding; d++) {
                embeddings[i * embedding + d] = (float) unit[d];
            }
        }
        return embeddings;
    }

    /** It has no batch normalisation. */
    @Override
    public void recalibrate(float[] images, int n) {
        check(images, n);
    }

    @Override
    public Gradients gradients(StepInput input, Objective wanted) {
        input.requireFor(spec.input());
        float[] views = input.hostViews();
        ViewFacts facts = input.facts();
        int[] numbers = facts.labelSets().table();
        List<Set<Integer>> labels = Twins.sets(facts.labelSets());
        int n = labels.size();
        wanted.requireTeacher(training.averages());
        Objective objective = facts.minimised(wanted);
        Optional<CrossEntropy> classified = objective.crossEntropy();
        classified.ifPresent(term -> grow(Classifier.grown(classes(), numbers), term.seed()));
        objective
                .proxy()
                .ifPresent(term -> growProxies(Classifier.grown(proxies.length / embedding, numbers), term.seed()));
        float[] ofProxies = new float[objective.proxy().isPresent() ? proxies.length : 0];
        double[][] x = new double[n][]; // [N, F]
        double[][] h = new double[n][]; // [N, D]
        double[][] y = new double[n][]; // [N, P]
        double[][] z = new double[n][]; // [N, P], unit rows
        for (int i = 0; i < n; i++) {
            x[i] = features(views, i);
            h[i] = hidden(parameters, x[i]);
            y[i] = multiply(parameters[2], h[i], projection);
            z[i] = unit(y[i]);
        }
        float[][] gradients = zeros();
        double[][] dh = new double[n][embedding];
        double[][] dz = new double[n][projection];
        double loss = 0;
        for (Term term : objective.terms()) {
            loss += term.accept(new Term.Visitor<Double>() {
                @Override
                public Double supCon(SupCon supCon) {
                    SupConTwin.Value value = new SupConTwin(supCon.variant(), supCon.temperature()).of(z, labels);
                    if (!supCon.tap().equals(Network.PROJECTION) || supCon.weight() != 1) {
                        throw new IllegalArgumentException("the reference encoder has no such term: " + supCon);
                    }
                    ReferenceEncoder.add(value.gradient(), dz);
                    return value.loss();
                }

                @Override
                public Double crossEntropy(CrossEntropy crossEntropy) {
                    CrossEntropyTwin twin = new CrossEntropyTwin(crossEntropy.weight());
                    double[][] weights = matrix(parameters[3]);
                    double[] biases = doubles(parameters[4]);
                    return add(
                            crossEntropy.scope() == CrossEntropy.Scope.JOINT
                                    ? twin.of(h, labels, weights, biases)
                                    : twin.apart(h, labels, facts.fresh(), weights, biases));
                }

                @Override
                public Double distill(Distill distill) {
                    double[][] answers = new double[n][];
                    for (int i = 0; i < n; i++) {
                        double[] ofTeacher = hidden(averages, features(views, facts.lastViews()[i]));
                        answers[i] = DistillTwin.answers(ofTeacher, matrix(averages[3]), doubles(averages[4]));
                    }
                    return add(new DistillTwin(distill.temperature(), distill.weight())
                            .of(h, facts.labels(), answers, matrix(parameters[3]), doubles(parameters[4])));
                }

                @Override
                public Double proxy(Proxy proxy) {
                    double[][] unit =
                            Arrays.stream(h).map(ReferenceEncoder::unit).toArray(double[][]::new);
                    ProxyTwin.Value value =
                            new ProxyTwin(proxy.temperature(), proxy.weight()).of(unit, labels, matrix(proxies));
                    for (int i = 0; i < n; i++) {
                        ReferenceEncoder.add(
                                new double[][] {throughUnit(h[i], unit[i], value.ofRows()[i])}, new double[][] {dh[i]});
                    }
                    addTo(ofProxies, Arrays.stream(value.ofVectors()).flatMapToDouble(Arrays::stream));
                    return value.loss();
                }

                private double add(CrossEntropyTwin.Value value) {
                    ReferenceEncoder.add(value.ofRows(), dh);
                    addTo(gradients[3], Arrays.stream(value.ofWeights()).flatMapToDouble(Arrays::stream));
                    addTo(gradients[4], Arrays.stream(value.ofBiases()));
                    return value.loss();
                }
            });
        }
        backward(x, h, y, z, dz, dh, gradients);
        return new Computed((float) loss, gradients, classified.isPresent() ? 5 : 3, ofProxies);
    }

    /** @param trained arrays that have a gradient */
    private record Computed(float loss, float[][] gradients, int trained, float[] ofProxies) implements Gradients {

        @Override
        public boolean usable() {
            return Float.isFinite(loss)
                    && Arrays.stream(gradients).allMatch(values -> {
                        for (float value : values) {
                            if (!Float.isFinite(value)) {
                                return false;
                            }
                        }
                        return true;
                    });
        }

        @Override
        public List<Tensor> read() {
            throw new UnsupportedOperationException("tests of engines read gradients, not those of the core");
        }
    }

    @Override
    public StepResult apply(Gradients gradients, StepRate rate) {
        Computed computed = (Computed) gradients;
        if (computed.usable()) {
            descend(computed, rate.factor());
        }
        return new StepResult(computed.loss(), computed.usable());
    }

    private int classes() {
        return parameters.length < 5 ? 0 : parameters[4].length;
    }

    private void grow(int classes, long seed) {
        int known = classes();
        float[] fresh = Classifier.initialWeights(seed, known, classes - known, embedding);
        parameters = grown(parameters, classes);
        System.arraycopy(fresh, 0, parameters[3], known * embedding, fresh.length);
        if (momentum.length > 0) {
            momentum = grown(momentum, classes);
        }
        if (training.averages()) {
            averages = grown(averages, classes);
            System.arraycopy(fresh, 0, averages[3], known * embedding, fresh.length);
        }
    }

    private void growProxies(int classes, long seed) {
        int known = proxies.length / embedding;
        float[] fresh = Proxies.initial(seed, known, classes - known, embedding);
        proxies = Arrays.copyOf(proxies, classes * embedding);
        System.arraycopy(fresh, 0, proxies, known * embedding, fresh.length);
        proxyMomentum = Arrays.copyOf(proxyMomentum, proxies.length);
    }

    private float[][] grown(float[][] arrays, int classes) {
        float[][] grown = Arrays.copyOf(arrays, 5);
        grown[3] = Arrays.copyOf(grown[3] == null ? new float[0] : grown[3], classes * embedding);
        grown[4] = Arrays.copyOf(grown[4] == null ? new float[0] : grown[4], classes);
        return grown;
    }

    private static void add(double[][] values, double[][] to) {
        for (int i = 0; i < values.length; i++) {
            for (int k = 0; k < values[i].length; k++) {
                to[i][k] += values[i][k];
            }
        }
    }

    private double[][] matrix(float[] values) {
        double[][] rows = new double[values.length / embedding][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = doubles(Arrays.copyOfRange(values, row * embedding, (row + 1) * embedding));
        }
        return rows;
    }

    private static double[] doubles(float[] values) {
        double[] copy = new double[values.length];
        Arrays.setAll(copy, i -> values[i]);
        return copy;
    }

    private static void addTo(float[] sums, DoubleStream values) {
        double[] array = values.toArray();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += (float) array[i];
        }
    }

    private float[][] zeros() {
        return Arrays.stream(parameters).map(values -> new float[values.length]).toArray(float[][]::new);
    }

    @Override
    public EncoderState state() {
        List<Tensor> classifier = new ArrayList<>();
        if (classes() > 0) {
            classifier.addAll(tensors("", parameters).subList(3, 5));
            if (momentum.length > 0) {
                classifier.addAll(tensors("momentum_buffer/", momentum).subList(3, 5));
            }
            if (training.averages()) {
                classifier.addAll(tensors(Classifier.AVERAGES, averages).subList(3, 5));
            }
        }
        return new EncoderState(
                spec.fingerprint(),
                step,
                tensors("", parameters).subList(0, 3),
                momentum.length == 0
                        ? List.of()
                        : tensors("momentum_buffer/", momentum).subList(0, 3),
                training.averages() ? tensors("", averages).subList(0, 3) : List.of(),
                classifier,
                proxyTensors());
    }

    private List<Tensor> proxyTensors() {
        List<Tensor> tensors = new ArrayList<>();
        int[] shape = {proxies.length / embedding, embedding};
        if (proxies.length > 0) {
            tensors.add(new Tensor(Proxies.WEIGHT, shape, proxies.clone()));
        }
        if (proxies.length > 0 && step > 0 && optimizer.momentum() > 0) {
            tensors.add(new Tensor("momentum_buffer/" + Proxies.WEIGHT, shape, proxyMomentum.clone()));
        }
        return tensors;
    }

    @Override
    public long step() {
        return step;
    }

    @Override
    public void load(EncoderState state) {
        if (!state.fingerprint().equals(spec.fingerprint())) {
            throw new IllegalArgumentException(
                    "the state is of " + state.fingerprint() + ", but the encoder is " + spec.fingerprint());
        }
        if (state.optimizerSlots().isEmpty() != (optimizer.momentum() == 0 || state.step() == 0)) {
            throw new IllegalArgumentException(
                    "the state has " + state.optimizerSlots().size()
                            + " optimiser slots, which does not fit a momentum of " + optimizer.momentum());
        }
        List<Tensor> classifier = state.newestClassifier();
        parameters = values(joined(state.parameters(), classifier.subList(0, Math.min(2, classifier.size()))));
        momentum = values(joined(state.optimizerSlots(), classifier.size() > 2 ? classifier.subList(2, 4) : List.of()));
        averages = training.averages() ? values(joined(state.embedding(), state.averagedClassifier())) : new float[0][];
        List<Tensor> vectors = state.proxies();
        proxies = vectors.isEmpty() ? new float[0] : vectors.get(0).values().clone();
        proxyMomentum = vectors.size() > 1 ? vectors.get(1).values().clone() : new float[proxies.length];
        step = state.step();
    }

    private static List<Tensor> joined(List<Tensor> network, List<Tensor> classifier) {
        return Stream.concat(network.stream(), classifier.stream()).toList();
    }

    @Override
    public void close() {}

    private void backward(
            double[][] x, double[][] h, double[][] y, double[][] z, double[][] dz, double[][] dh, float[][] gradients) {
        for (int i = 0; i < x.length; i++) {
            double[] dy = throughUnit(y[i], z[i], dz[i]);
            for (int p = 0; p < projection; p++) {
                for (int d = 0; d < embedding; d++) {
                    gradients[2][p * embedding + d] += (float) (dy[p] * h[i][d]);
                    dh[i][d] += dy[p] * parameters[2][p * embedding + d];
                }
            }
            for (int d = 0; d < embedding; d++) {
                if (h[i][d] > 0) {
                    gradients[1][d] += (float) dh[i][d];
                    for (int f = 0; f < features; f++) {
                        gradients[0][d * features + f] += (float) (dh[i][d] * x[i][f]);
                    }
                }
            }
        }
    }

    private void descend(Computed computed, double factor) {
        if (momentum.length == 0 && optimizer.momentum() > 0) {
            momentum = zeros();
        }
        double rate = factor * optimizer.learningRateAt(step);
        for (int t = 0; t < computed.trained(); t++) {
            for (int i = 0; i < parameters[t].length; i++) {
                double slope = computed.gradients()[t][i] + optimizer.weightDecay() * parameters[t][i];
                if (optimizer.momentum() > 0) {
                    momentum[t][i] = (float) (optimizer.momentum() * momentum[t][i] + slope);
                    slope = momentum[t][i];
                }
                parameters[t][i] -= (float) (rate * slope);
            }
        }
        for (int i = 0; i < computed.ofProxies().length; i++) {
            double slope = computed.ofProxies()[i] + optimizer.weightDecay() * proxies[i];
            proxyMomentum[i] = (float) (optimizer.momentum() * proxyMomentum[i] + slope);
            proxies[i] -= (float) (rate * proxyMomentum[i]);
        }
        double decay = training.averagingDecayAt(step);
        for (int t = 0; t < averages.length; t++) {
            for (int i = 0; i < averages[t].length; i++) {
                averages[t][i] += (float) ((1 - decay) * (parameters[t][i] - averages[t][i]));
            }
        }
        step++;
    }

    private double[] features(float[] images, int row) {
        double[] sums = new double[features];
        int height = spec.input().height();
        int width = spec.input().width();
        int[] counts = new int[gridHeight * gridWidth];
        int i = row * spec.input().size();
        for (int channel = 0; channel < spec.input().channels(); channel++) {
            double mean = spec.normalization().mean().get(channel);
            double deviation = spec.normalization().standardDeviation().get(channel);
            Arrays.fill(counts, 0);
            for (int r = 0; r < height; r++) {
                for (int c = 0; c < width; c++) {
                    int cell = r * gridHeight / height * gridWidth + c * gridWidth / width;
                    sums[channel * counts.length + cell] += (images[i++] - mean) / deviation;
                    counts[cell]++;
                }
            }
            for (int cell = 0; cell < counts.length; cell++) {
                sums[channel * counts.length + cell] /= counts[cell];
            }
        }
        return sums;
    }

    private double[] hidden(float[][] arrays, double[] x) {
        double[] h = multiply(arrays[0], x, embedding);
        for (int d = 0; d < embedding; d++) {
            h[d] = Math.max(0, h[d] + arrays[1][d]);
        }
        return h;
    }

    private static double[] multiply(float[] matrix, double[] vector, int rows) {
        double[] product = new double[rows];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < vector.length; c++) {
                product[r] += matrix[r * vector.length + c] * vector[c];
            }
        }
        return product;
    }

    private static double length(double[] vector) {
        return Math.max(EPSILON, Math.sqrt(Arrays.stream(vector).map(v -> v * v).sum()));
    }

    private static double[] unit(double[] vector) {
        double length = length(vector);
        return Arrays.stream(vector).map(v -> v / length).toArray();
    }

    /** Derivative with respect to y of what has the derivative dz with respect to z = y / |y|. */
    private static double[] throughUnit(double[] y, double[] z, double[] dz) {
        double along = 0;
        for (int p = 0; p < z.length; p++) {
            along += z[p] * dz[p];
        }
        double[] dy = new double[z.length];
        double length = length(y);
        for (int p = 0; p < z.length; p++) {
            dy[p] = (dz[p] - along * z[p]) / length;
        }
        return dy;
    }

    private static float[] initial(long seed, int index, int size, double deviation) {
        RandomStream random = RandomStream.of(seed, Purpose.INITIALISE, 0, index);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private List<Tensor> tensors(String prefix, float[][] arrays) {
        String[] names = {"hidden.weight", "hidden.bias", "head.weight", Classifier.WEIGHT, Classifier.BIAS};
        int[][] shapes = {
            {embedding, features}, {embedding}, {projection, embedding}, {classes(), embedding}, {classes()}
        };
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < arrays.length; i++) {
            tensors.add(new Tensor(prefix + names[i], shapes[i], arrays[i].clone()));
        }
        return tensors;
    }

    private static float[][] copy(float[][] arrays) {
        return Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
    }

    private static float[][] values(List<Tensor> tensors) {
        return tensors.stream().map(tensor -> tensor.values().clone()).toArray(float[][]::new);
    }

    private void check(float[] images, int n) {
        if (images.length != n * spec.input().size()) {
            throw new IllegalArgumentException(n + " images of " + spec.input() + " have "
                    + n * spec.input().size() + " values, but there are " + images.length);
        }
    }
}
