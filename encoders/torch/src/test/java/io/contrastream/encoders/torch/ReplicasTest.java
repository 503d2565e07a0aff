package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.Shard;
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
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several replicas that take every step together come to what one encoder comes to. */
class ReplicasTest {

    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 4, SHAPE, 16, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING =
            new TrainingOptions(OptimizerOptions.sgd(0.002, 0.5, 1e-4), 0.5, 0.9);
    private static final Objective CONTRASTIVE = new SupCon(Network.PROJECTION, 0.5, SupCon.Variant.OUT);
    private static final Objective ALL_TERMS = Sum.of(
            CONTRASTIVE,
            new CrossEntropy(Network.FEATURES, 1, 3, CrossEntropy.Scope.APART),
            new Distill(Network.FEATURES, 4, 1),
            new Proxy(Network.FEATURES, 0.1, 1, 3));
    private static final int IMAGES = 13;
    private static final int STEPS = 50;

    /** Two views each of images of five classes that look different. */
    private static StepInput input(int step, int images) {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, step, 0);
        byte[] pixels = new byte[images * SHAPE.size()];
        int[] labels = new int[images];
        for (int image = 0; image < images; image++) {
            labels[image] = random.nextInt(5);
            for (int i = 0; i < SHAPE.size(); i++) {
                pixels[image * SHAPE.size() + i] = (byte) (20 * labels[image] + random.nextInt(150));
            }
        }
        Augmentation augmentation = new Augmentation(AugmentOptions.SCR, SHAPE);
        List<View> views = new ArrayList<>();
        for (int view = 0; view < 2 * images; view++) {
            views.add(
                    view < images
                            ? View.plain(view, SHAPE)
                            : augmentation.draw(view % images, RandomStream.of(7, Purpose.AUGMENT, step, view)));
        }
        return new StepInput(SHAPE, pixels, labels, views, images / 2, null);
    }

    private static TorchEncoder open(Collective collective, boolean syncBatchNorm) {
        return TorchEncoder.replica(
                SPEC, TRAINING, Target.start(TestDevice.OPTIONS), 1, new OperationTimes(), collective, syncBatchNorm);
    }

    private static void step(ReplicatedEncoder encoder, Collective collective, StepInput input, Objective objective) {
        Shard shard = Shard.deal(input, collective.replicas()).get(collective.replica());
        assertThat(encoder.apply(encoder.gradients(shard, objective), StepRate.FULL)
                        .taken())
                .isTrue();
    }

    private static EncoderState alone(int steps, int images, Objective objective) {
        try (TorchEncoder encoder =
                new TorchEncoder(SPEC, TRAINING, Target.start(TestDevice.OPTIONS), 1, new OperationTimes())) {
            for (int step = 0; step < steps; step++) {
                assertThat(encoder.train(input(step, images), objective, StepRate.FULL)
                                .taken())
                        .isTrue();
            }
            return encoder.state();
        }
    }

    private static List<EncoderState> together(int replicas, int steps, int images, Objective objective, boolean sync) {
        return ThreadCollective.run(replicas, collective -> {
            try (TorchEncoder encoder = open(collective, sync)) {
                for (int step = 0; step < steps; step++) {
                    step(encoder, collective, input(step, images), objective);
                }
                return encoder.state();
            }
        });
    }

    private static float[] weights(EncoderState state) {
        List<Tensor> all = new ArrayList<>(state.parameters());
        all.addAll(state.averages());
        all.addAll(state.averagedClassifier());
        return values(all);
    }

    private static float[] values(EncoderState state) {
        List<Tensor> all = new ArrayList<>(state.parameters());
        all.addAll(state.averages());
        all.addAll(state.optimizerSlots());
        all.addAll(state.classifier());
        all.addAll(state.proxies());
        return values(all);
    }

    private static float[] values(List<Tensor> all) {
        float[] values = new float
                [all.stream().mapToInt(tensor -> tensor.values().length).sum()];
        int at = 0;
        for (Tensor tensor : all) {
            System.arraycopy(tensor.values(), 0, values, at, tensor.values().length);
            at += tensor.values().length;
        }
        return values;
    }

    private static double difference(EncoderState one, EncoderState other) {
        float[] first = weights(one);
        float[] second = weights(other);
        assertThat(first).hasSameSizeAs(second);
        return IntStream.range(0, first.length)
                .mapToDouble(i -> Math.abs((double) first[i] - second[i]))
                .max()
                .orElseThrow();
    }

    @Test
    void ofImagesWithoutLabelAllReplicasMinimiseTheContrastiveLossAlone() {
        List<EncoderState> states = ThreadCollective.run(2, collective -> {
            try (TorchEncoder encoder = open(collective, true)) {
                StepInput labelled = input(0, IMAGES);
                int[] own = new int[IMAGES];
                Arrays.setAll(own, image -> -1 - image);
                StepInput input = new StepInput(SHAPE, labelled.images(), own, labelled.views());
                step(encoder, collective, input, ALL_TERMS);
                return encoder.state();
            }
        });
        assertThat(states.get(1)).isEqualTo(states.get(0));
        assertThat(states.get(0).classifier()).isEmpty();
        assertThat(states.get(0).step()).isEqualTo(1);
    }

    @Test
    void twoReplicasComeToTheWeightsOfOneEncoderAndToTheSameBitsEveryTime() {
        EncoderState alone = alone(STEPS, IMAGES, CONTRASTIVE);
        List<EncoderState> together = together(2, STEPS, IMAGES, CONTRASTIVE, true);
        assertThat(difference(alone, together.get(0))).isBetween(1e-9, 1e-4);
        assertThat(values(together.get(1))).isEqualTo(values(together.get(0)));
        assertThat(values(together(2, STEPS, IMAGES, CONTRASTIVE, true).get(0))).isEqualTo(values(together.get(0)));
    }

    @Test
    void threeReplicasComeToTheSameWithEveryKindOfTerm() {
        EncoderState alone = alone(5, IMAGES, ALL_TERMS);
        List<EncoderState> together = together(3, 5, IMAGES, ALL_TERMS, true);
        assertThat(difference(alone, together.get(0))).isBetween(1e-9, 1e-4);
        assertThat(values(together.get(2))).isEqualTo(values(together.get(0)));
    }

    @Test
    void aReplicaWithoutImagesComesToTheSame() {
        EncoderState alone = alone(3, 2, ALL_TERMS);
        List<EncoderState> together = together(3, 3, 2, ALL_TERMS, true);
        assertThat(difference(alone, together.get(0))).isLessThan(1e-4);
        assertThat(values(together.get(2))).isEqualTo(values(together.get(0)));
    }

    @Test
    void withStatisticsOfTheirOwnTheyComeToOtherWeightsAndStayEqual() {
        List<EncoderState> together = together(2, 3, IMAGES, CONTRASTIVE, false);
        assertThat(difference(alone(3, IMAGES, CONTRASTIVE), together.get(0))).isGreaterThan(1e-4);
        assertThat(values(together.get(1))).isEqualTo(values(together.get(0)));
    }

    @Test
    void theOneThatDiffersIsNamed() {
        assertThatThrownBy(() -> ThreadCollective.run(3, collective -> {
                    try (TorchEncoder encoder = open(collective, true)) {
                        step(encoder, collective, input(0, IMAGES), CONTRASTIVE);
                        if (collective.replica() == 1) {
                            EncoderState state = encoder.state();
                            float[] values = state.parameters().get(0).values();
                            values[0] = Math.nextUp(values[0]);
                            encoder.load(state);
                        }
                        step(encoder, collective, input(1, IMAGES), CONTRASTIVE);
                        return null;
                    }
                }))
                .hasMessageContaining("replica 1 of 3 differs from the others after step 2");
    }

    @Test
    void anEncoderThatIsTheOnlyOneTakesNoShard() {
        try (TorchEncoder encoder =
                new TorchEncoder(SPEC, TRAINING, Target.start(TestDevice.OPTIONS), 1, new OperationTimes())) {
            Shard shard = Shard.deal(input(0, IMAGES), 2).get(0);
            assertThatThrownBy(() -> encoder.gradients(shard, CONTRASTIVE)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shardsAreEveryImageOnce() {
        StepInput input = input(0, IMAGES);
        List<Shard> shards = Shard.deal(input, 4);
        assertThat(shards).extracting(shard -> shard.input().labels().length).containsExactly(3, 3, 3, 4);
        assertThat(Arrays.stream(shards.get(0).whole().labels()).sum())
                .isEqualTo(Arrays.stream(input.viewLabels()).sum());
        assertThat(shards.stream().mapToInt(shard -> shard.input().fresh()).sum())
                .isEqualTo(input.fresh());
    }
}
