package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.augment.ResizedCrop;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.Gradients;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who the teacher of a {@link Distill} is, and what it is asked. */
public abstract class DistillationTest {

    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 4, SHAPE, 16, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0, 0), 0.1, 0.9);
    private static final double TEMPERATURE = 2;
    private static final double WEIGHT = 5.5;
    private static final Objective OBJECTIVE =
            Sum.of(new CrossEntropy(Network.PROJECTION, 1, 3), new Distill(Network.PROJECTION, TEMPERATURE, WEIGHT));
    private static final int IMAGES = 12;
    private static final int CLASSES = 3;
    private static final double BOUND = TestDevice.OPTIONS.device().equals("cpu") ? 1e-4 : 1e-3;

    /** A fresh encoder of the engine under test. */
    protected abstract Probe open(EncoderSpec spec, TrainingOptions training, long seed);

    /** Every image as it is, and behind all of them every image mirrored. */
    private static StepInput input(int step) {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, step, 0);
        byte[] pixels = new byte[IMAGES * SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        int[] labels = new int[IMAGES];
        Arrays.setAll(labels, i -> i % CLASSES);
        List<View> views = new ArrayList<>();
        for (int i = 0; i < 2 * IMAGES; i++) {
            views.add(new View(i % IMAGES, ResizedCrop.whole(SHAPE), i >= IMAGES, List.of(), false));
        }
        return new StepInput(SHAPE, pixels, labels, views);
    }

    /** A student that answers every class alike, whatever it sees, and a teacher that does not. */
    private static EncoderState withAnswers(EncoderState state) {
        Tensor weight = state.classifier().get(0);
        Tensor bias = state.classifier().get(1);
        float[] weights = new float[weight.values().length];
        RandomStream random = RandomStream.of(8, Purpose.GENERATE, 0, 0);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (6 * random.nextGaussian());
        }
        return new EncoderState(
                state.fingerprint(),
                state.step(),
                state.parameters(),
                state.optimizerSlots(),
                state.averages(),
                List.of(
                        new Tensor(weight.name(), weight.shape(), new float[weights.length]),
                        new Tensor(bias.name(), bias.shape(), new float[CLASSES]),
                        new Tensor("averages/" + weight.name(), weight.shape(), weights),
                        new Tensor("averages/" + bias.name(), bias.shape(), new float[] {0.5f, -0.5f, 1})));
    }

    @Test
    void theTeacherIsTheAveragesAskedAboutTheLastViewOfEveryImage() {
        StepInput input = input(9);
        try (Probe student = open(SPEC, TRAINING, 1);
                Probe averages = open(SPEC, new TrainingOptions(TRAINING.optimizer(), 0.1), 2)) {
            for (int step = 0; step < 4; step++) {
                student.encoder().train(input(step), OBJECTIVE, StepRate.FULL);
            }
            EncoderState state = withAnswers(student.encoder().state());
            student.encoder().load(state);
            averages.encoder().load(new EncoderState(state.fingerprint(), state.step(), state.averages(), List.of()));

            double[][] answers = answers(state, averages.project(input.hostViews(), 2 * IMAGES));
            double[] ofBiases =
                    new double[CLASSES]; // of the cross-entropy alone, which has as many images of every class
            double divergence = 0;
            double ofFirstViews = 0;
            for (int image = 0; image < IMAGES; image++) {
                double[] p = answers[IMAGES + image];
                for (int k = 0; k < CLASSES; k++) {
                    divergence += p[k] * Math.log(p[k] * CLASSES) / IMAGES;
                    ofFirstViews += answers[image][k] * Math.log(answers[image][k] * CLASSES) / IMAGES;
                    ofBiases[k] += WEIGHT * TEMPERATURE / IMAGES * (1.0 / CLASSES - p[k]);
                }
            }
            double scale = WEIGHT * TEMPERATURE * TEMPERATURE;
            assertThat(scale * Math.abs(ofFirstViews - divergence)).isGreaterThan(100 * BOUND);

            Gradients gradients = student.encoder().gradients(input, OBJECTIVE);
            assertThat((double) gradients.loss()).isCloseTo(Math.log(CLASSES) + scale * divergence, within(10 * BOUND));
            List<Tensor> arrays = gradients.read();
            for (int k = 0; k < CLASSES; k++) {
                assertThat((double) arrays.get(arrays.size() - 1).values()[k]).isCloseTo(ofBiases[k], within(BOUND));
            }
        }
    }

    /** Shares of the classes at the temperature, a row a view. */
    private static double[][] answers(EncoderState state, float[] rows) {
        float[] weights = state.averagedClassifier().get(0).values();
        float[] biases = state.averagedClassifier().get(1).values();
        int size = weights.length / CLASSES;
        double[][] answers = new double[rows.length / size][CLASSES];
        for (int row = 0; row < answers.length; row++) {
            double sum = 0;
            for (int k = 0; k < CLASSES; k++) {
                double answer = biases[k];
                for (int d = 0; d < size; d++) {
                    answer += weights[k * size + d] * rows[row * size + d];
                }
                answers[row][k] = Math.exp(answer / TEMPERATURE);
                sum += answers[row][k];
            }
            for (int k = 0; k < CLASSES; k++) {
                answers[row][k] /= sum;
            }
        }
        return answers;
    }

    @Test
    void theAveragedClassifierIsPartOfTheStateAndOfOlderOnesTheNewest() {
        try (Probe original = open(SPEC, TRAINING, 1);
                Probe restored = open(SPEC, TRAINING, 2)) {
            original.encoder().train(input(0), OBJECTIVE, StepRate.FULL);
            original.encoder().train(input(1), OBJECTIVE, StepRate.FULL);
            EncoderState state = original.encoder().state();
            assertThat(state.averagedClassifier().get(0).values())
                    .isNotEqualTo(state.classifier().get(0).values());
            restored.encoder().load(state);
            original.encoder().train(input(2), OBJECTIVE, StepRate.FULL);
            restored.encoder().train(input(2), OBJECTIVE, StepRate.FULL);
            assertThat(restored.encoder().state()).isEqualTo(original.encoder().state());

            restored.encoder()
                    .load(new EncoderState(
                            state.fingerprint(),
                            state.step(),
                            state.parameters(),
                            state.optimizerSlots(),
                            state.averages(),
                            state.newestClassifier()));
            EncoderState older = restored.encoder().state();
            assertThat(older.averagedClassifier().get(0).values())
                    .isEqualTo(older.classifier().get(0).values());
        }
    }

    @Test
    void withoutAveragesThereIsNoTeacher() {
        try (Probe student = open(SPEC, new TrainingOptions(TRAINING.optimizer(), 0.1), 1)) {
            assertThatThrownBy(() -> student.encoder().gradients(input(0), OBJECTIVE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("distillation is from averages of the weights, but there are none");
        }
    }
}
