package io.contrastream.learning.encoder;

import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.loss.SupConLoss;
import io.contrastream.learning.loss.SupConLoss.Form;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A small encoder in plain Java that really learns, for fast tests: images are normalised and averaged over a grid of at most
 * 8x8 cells a channel (features [N, F]), then linear and ReLU to the embedding [N, D], and from it linear to the projection
 * [N, P]; both of unit length. It knows SGD with momentum and weight decay, and not Adam. Its sizes D and P are those of the
 * specification, its parameters are its own.
 */
public final class ReferenceEncoder implements Encoder {

    private static final int GRID = 8;
    private static final double EPSILON = 1e-12;

    private final EncoderSpec spec;
    private final TrainingOptions training;
    private final OptimizerOptions optimizer;
    private final SupConLoss loss;
    private final int gridHeight;
    private final int gridWidth;
    private final int features;
    private final int embedding;
    private final int projection;

    /** Weight [D, F], bias [D], weight [P, D]. */
    private float[][] parameters;

    private float[][] momentum;
    /** Of the parameters, if there are any. */
    private float[][] averages;

    private long step;

    /** @throws IllegalArgumentException if the optimiser is not SGD */
    public ReferenceEncoder(EncoderSpec spec, TrainingOptions training, long seed) {
        if (training.optimizer().kind() != Kind.SGD) {
            throw new IllegalArgumentException("the reference encoder knows only SGD");
        }
        this.spec = spec;
        this.training = training;
        optimizer = training.optimizer();
        loss = new SupConLoss(Form.OUT, training.temperature());
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

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        int n = labels.length;
        if (n < 2) {
            throw new IllegalArgumentException("training needs at least two views, but there are " + n);
        }
        check(views, n);
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
        SupConLoss.Value value = loss.of(z, labels);
        float[] rows = new float[n * embedding];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) h[i / embedding][i % embedding];
        }
        float[] ofFeatures = new float[rows.length];
        double sum = value.loss() + featureLoss.lossAndGradient(rows, ofFeatures);
        float[][] gradients = gradients(x, h, y, z, value.gradient(), ofFeatures);
        return Double.isFinite(sum) && descend(gradients, rate) ? (float) sum : Float.NaN;
    }

    @Override
    public EncoderState state() {
        return new EncoderState(
                spec.fingerprint(),
                step,
                tensors("", parameters),
                tensors("momentum_buffer/", momentum),
                tensors("", averages));
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
        parameters = values(state.parameters());
        momentum = values(state.optimizerSlots());
        averages = training.averages() ? values(state.embedding()) : new float[0][];
        step = state.step();
    }

    @Override
    public void close() {}

    private float[][] gradients(
            double[][] x, double[][] h, double[][] y, double[][] z, double[][] dz, float[] ofFeatures) {
        float[][] gradients = {
            new float[parameters[0].length], new float[parameters[1].length], new float[parameters[2].length]
        };
        for (int i = 0; i < x.length; i++) {
            double[] dy = throughUnit(y[i], z[i], dz[i]);
            double[] dh = new double[embedding];
            for (int d = 0; d < embedding; d++) {
                dh[d] = ofFeatures[i * embedding + d];
            }
            for (int p = 0; p < projection; p++) {
                for (int d = 0; d < embedding; d++) {
                    gradients[2][p * embedding + d] += (float) (dy[p] * h[i][d]);
                    dh[d] += dy[p] * parameters[2][p * embedding + d];
                }
            }
            for (int d = 0; d < embedding; d++) {
                if (h[i][d] > 0) {
                    gradients[1][d] += (float) dh[d];
                    for (int f = 0; f < features; f++) {
                        gradients[0][d * features + f] += (float) (dh[d] * x[i][f]);
                    }
                }
            }
        }
        return gradients;
    }

    /** Takes the step, unless a gradient is not finite. */
    private boolean descend(float[][] gradients, double factor) {
        for (float[] gradient : gradients) {
            for (float slope : gradient) {
                if (!Float.isFinite(slope)) {
                    return false;
                }
            }
        }
        boolean first = momentum.length == 0;
        if (first && optimizer.momentum() > 0) {
            momentum = new float[][] {
                new float[parameters[0].length], new float[parameters[1].length], new float[parameters[2].length]
            };
        }
        double rate = factor * optimizer.learningRateAt(step);
        for (int t = 0; t < parameters.length; t++) {
            for (int i = 0; i < parameters[t].length; i++) {
                double slope = gradients[t][i] + optimizer.weightDecay() * parameters[t][i];
                if (optimizer.momentum() > 0) {
                    momentum[t][i] = (float) (optimizer.momentum() * momentum[t][i] + slope);
                    slope = momentum[t][i];
                }
                parameters[t][i] -= (float) (rate * slope);
            }
        }
        double decay = training.averagingDecayAt(step);
        for (int t = 0; t < averages.length; t++) {
            for (int i = 0; i < averages[t].length; i++) {
                averages[t][i] += (float) ((1 - decay) * (parameters[t][i] - averages[t][i]));
            }
        }
        step++;
        return true;
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
        String[] names = {"hidden.weight", "hidden.bias", "head.weight"};
        int[][] shapes = {{embedding, features}, {embedding}, {projection, embedding}};
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
