package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.contrastream.encoders.parity.Objectives;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.EncoderEngine.Launches;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** A CUDA graph's condition on a step: that nothing of it is anywhere but at addresses that stay. */
class ReplaysTest {

    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 2, SHAPE, 8, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.adam(1e-3, 1e-4), 0.1, 0.9);
    private static final Objective OBJECTIVE = Sum.of(
            Objectives.contrastive(TRAINING),
            new CrossEntropy(Network.FEATURES, 1, 3, CrossEntropy.Scope.APART),
            new Distill(Network.FEATURES, 4, 5.5),
            new Proxy(Network.FEATURES, 0.07, 1, 3));
    private static final int IMAGES = 40;

    private static final Target TARGET = Target.start(TestDevice.OPTIONS);
    private static final Kernels KERNELS = TorchEncoder.kernels(TARGET);

    private final OperationTimes times = new OperationTimes();
    private final List<String> warnings = new ArrayList<>();

    private TorchEncoder encoder(Recorder recorder) {
        return new TorchEncoder(SPEC, TRAINING, TARGET, 1, times, new Replays(recorder, times, warnings::add), KERNELS);
    }

    /** Two views each of images whose pixels, labels and plans are a step's own. */
    private static StepInput input(int step, int images, int classes) {
        Augmentation augmentation = new Augmentation(AugmentOptions.SCR, SHAPE);
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, step, 0);
        byte[] pixels = new byte[images * SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        int[] labels = new int[images];
        List<View> views = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            labels[i] = random.nextInt(classes);
        }
        for (int i = 0; i < 2 * images; i++) {
            views.add(
                    i < images
                            ? View.plain(i, SHAPE)
                            : augmentation.draw(i % images, RandomStream.of(7, Purpose.AUGMENT, step, i)));
        }
        return new StepInput(SHAPE, pixels, labels, views, 5 + step % 3, null);
    }

    @Test
    void replayedStepsAndEmbeddingsAreThoseOfLaunches() {
        StaleRecorder recorder = new StaleRecorder();
        try (TorchEncoder launched = encoder(null);
                TorchEncoder replayed = encoder(recorder)) {
            requireSame(replayed, launched);
        }
        // A step and an embedding, each before there were more classes, after that, and after the other state.
        assertThat(recorder.records()).isEqualTo(6);
        assertThat(warnings).isEmpty();
    }

    @Test
    void graphsOfAGpuDoWhatLaunchesDo() {
        assumeTrue(TARGET.cuda());
        Replays graphs = Replays.on(TARGET, times);
        try (TorchEncoder launched = encoder(null);
                TorchEncoder replayed = new TorchEncoder(SPEC, TRAINING, TARGET, 1, times, graphs, KERNELS)) {
            requireSame(replayed, launched);
            assertThat(graphs.recordings()).isEqualTo(2);
        }
    }

    private static void requireSame(TorchEncoder replayed, TorchEncoder launched) {
        EncoderState early = launched.state();
        for (int step = 0; step < 24; step++) {
            // More classes than there was room for come half-way, and once an earlier state.
            StepInput input = input(step, IMAGES, step < 12 ? 5 : 20);
            StepRate rate = new StepRate(1.0 / (1 + step));
            if (step == 18) {
                launched.load(early);
                replayed.load(early);
            }
            StepResult expected = launched.train(input, OBJECTIVE, rate);
            assertThat(replayed.train(input, OBJECTIVE, rate))
                    .as("step %d", step)
                    .isEqualTo(expected);
            assertThat(replayed.state()).as("after step %d", step).isEqualTo(launched.state());
            float[] images = input.hostViews();
            assertThat(replayed.embed(images, 2 * IMAGES)).isEqualTo(launched.embed(images, 2 * IMAGES));
            early = step == 9 ? launched.state() : early;
        }
    }

    @Test
    void everySizeHasARecordingOfItsOwnAndThereAreNotManyOfThem() {
        StaleRecorder recorder = new StaleRecorder();
        try (TorchEncoder encoder = encoder(recorder)) {
            encoder.embed(new float[20 * SHAPE.size()], 20);
            for (int size = 1; size <= 20; size++) {
                for (int call = 0; call <= Replays.LAUNCHES_BEFORE; call++) {
                    encoder.embed(new float[size * SHAPE.size()], size);
                }
            }
        }
        assertThat(recorder.records()).isEqualTo(Replays.MOST_RECORDINGS);
    }

    @Test
    void whatCannotBeRecordedIsLaunchedAfterOneLineInTheLog() {
        StaleRecorder recorder = StaleRecorder.failing();
        try (TorchEncoder launched = encoder(null);
                TorchEncoder encoder = encoder(recorder)) {
            for (int step = 0; step < 6; step++) {
                StepInput input = input(step, IMAGES, 5);
                launched.train(input, OBJECTIVE, StepRate.FULL);
                encoder.train(input, OBJECTIVE, StepRate.FULL);
            }
            assertThat(encoder.state()).isEqualTo(launched.state());
        }
        assertThat(recorder.records()).isOne();
        assertThat(warnings)
                .containsExactly("no CUDA graph of a step of 80 views, operations are launched one by one from now on:"
                        + " java.lang.IllegalStateException: operation not permitted when stream is capturing");
    }

    @Test
    void nothingIsFetchedInAStepButOneTensorAndAReplayIsOneLaunch() {
        try (TorchEncoder launched = encoder(null);
                TorchEncoder replayed = encoder(new StaleRecorder())) {
            List<Launches> ofLaunched = new ArrayList<>();
            List<Launches> ofReplayed = new ArrayList<>();
            for (int step = 0; step < 5; step++) {
                StepInput input = input(step, IMAGES, 5);
                ofLaunched.add(times.count(() -> launched.train(input, OBJECTIVE, StepRate.FULL)));
                ofReplayed.add(times.count(() -> replayed.train(input, OBJECTIVE, StepRate.FULL)));
            }
            assertThat(ofLaunched).extracting(Launches::waits).containsOnly(OptionalLong.of(1));
            assertThat(ofReplayed).extracting(Launches::waits).containsOnly(OptionalLong.of(1));
            assertThat(ofLaunched.get(4).operations()).isGreaterThan(100);
        }
    }

    @Test
    void nothingMovesFromStepToStep() {
        try (TorchEncoder encoder = encoder(null)) {
            encoder.embed(input(0, IMAGES, 5).hostViews(), 2 * IMAGES);
            encoder.train(input(0, IMAGES, 5), OBJECTIVE, StepRate.FULL);
            List<Long> addresses = addresses(encoder);
            assertThat(addresses).hasSizeGreaterThan(15).doesNotContain(0L);
            for (int step = 1; step < 4; step++) {
                StepInput input = input(step, IMAGES - step, 5);
                encoder.train(input, OBJECTIVE, StepRate.FULL);
                encoder.embed(input.hostViews(), 2 * (IMAGES - step));
                assertThat(addresses(encoder)).isEqualTo(addresses);
            }
        }
    }

    private static List<Long> addresses(TorchEncoder encoder) {
        try (PointerScope scope = new PointerScope()) {
            return encoder.standing().stream()
                    .map(Tensor::data_ptr)
                    .map(org.bytedeco.javacpp.Pointer::address)
                    .toList();
        }
    }
}
