package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.drift.Adwin;
import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.network.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateFormatTest {

    private static final ErrorDrift.State DRIFT = new ErrorDrift.State(
            3,
            5,
            new ErrorDrift.Change(88, 0.25, 0.75),
            new Adwin.Window(
                    32,
                    1.5,
                    0.625,
                    List.of(
                            List.of(new Adwin.Bucket(1, 0)),
                            List.of(),
                            List.of(new Adwin.Bucket(0, 0), new Adwin.Bucket(0.5, 0.25)))));

    private static final LearnerState STATE = new LearnerState(
            new EncoderState(
                    "architecture=resnet18 width=2",
                    41,
                    List.of(
                            new Tensor("a", new int[] {2, 3}, new float[] {1, -2.5f, 3, Float.MIN_VALUE, 0, -0f}),
                            new Tensor("b", new int[] {40000}, new float[40000]),
                            new Tensor("scalar", new int[0], new float[] {7})),
                    List.of(new Tensor("momentum_buffer/a", new int[] {1}, new float[] {0.5f})),
                    List.of(new Tensor("a", new int[] {1}, new float[] {0.25f})),
                    List.of(
                            new Tensor("classifier.weight", new int[] {2, 2}, new float[] {1, 2, 4, 5}),
                            new Tensor("classifier.bias", new int[] {2}, new float[] {3, 6}),
                            new Tensor("averages/classifier.weight", new int[] {2, 2}, new float[] {1, 2, 3, 4}),
                            new Tensor("averages/classifier.bias", new int[] {2}, new float[] {2, 5})),
                    List.of(new Tensor("proxies.weight", new int[] {2, 2}, new float[] {6, 5, 4, 3}))),
            new LearnerProgress(
                    120,
                    77,
                    BitSet.valueOf(new long[] {0b1011}),
                    50,
                    3,
                    1,
                    Reservoir.UNIFORM,
                    64,
                    5,
                    List.of(
                            new ClassProgress("cat", 100, true, 40, new double[] {0.25, 0.5}),
                            new ClassProgress("猫", 20, false, 0, new double[] {0, 0})),
                    DRIFT,
                    new EmbeddingDrift.State(
                            List.of(new EmbeddingDrift.Row("r", 3, new float[] {0.6f, 0.8f})),
                            List.of(
                                    new EmbeddingDrift.Row("n", 4, new float[] {1, 0}),
                                    new EmbeddingDrift.Row("猫", 5, new float[] {0, 1})),
                            List.of(new EmbeddingDrift.Row("p", 2, new float[] {-1, 0})),
                            2,
                            17,
                            4,
                            0.125,
                            new EmbeddingDrift.Change(66, 0.5))));

    /** Those that the states of versions 3 and 4 among the golden ones have too. */
    private static final List<Tensor> CLASSIFIER_SLOTS = List.of(
            new Tensor("momentum_buffer/classifier.weight", new int[] {2, 2}, new float[] {7, 8, 10, 11}),
            new Tensor("momentum_buffer/classifier.bias", new int[] {2}, new float[] {9, 12}));

    private static byte[] bytes(LearnerState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateFormat.write(state, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static LearnerState read(byte[] bytes) throws IOException {
        return StateFormat.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    @Test
    void aStateComesBackAsItWas() throws IOException {
        assertThat(read(bytes(STATE))).isEqualTo(STATE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void aStateOfAnEarlierVersionIsReadAsOneWithoutWhatItHadNot(int version) throws IOException {
        byte[] earlier;
        try (InputStream in = StateFormatTest.class.getResourceAsStream("/golden/learner-state-" + version + ".bin")) {
            earlier = in.readAllBytes();
        }
        EncoderState encoder = STATE.encoder();
        LearnerProgress progress = STATE.progress();
        assertThat(read(earlier))
                .isEqualTo(new LearnerState(
                        new EncoderState(
                                encoder.fingerprint(),
                                encoder.step(),
                                List.of(
                                        encoder.parameters().get(0),
                                        encoder.parameters().get(2)),
                                encoder.optimizerSlots(),
                                version < 2 ? List.of() : encoder.averages(),
                                switch (version) {
                                    case 1 -> List.of();
                                    case 2 -> encoder.classifier().subList(0, 2);
                                    case 5, 6, 7 -> encoder.classifier();
                                    default ->
                                        Stream.concat(
                                                        encoder.classifier().subList(0, 2).stream(),
                                                        CLASSIFIER_SLOTS.stream())
                                                .toList();
                                },
                                version < 6 ? List.of() : encoder.proxies()),
                        new LearnerProgress(
                                progress.imagesSeen(),
                                progress.rightlyPredicted(),
                                progress.window(),
                                progress.windowSize(),
                                progress.skippedSteps(),
                                progress.skippedInRow(),
                                progress.reservoir(),
                                progress.replayCapacity(),
                                version < 3 ? 0 : progress.vacatedSlots(),
                                progress.classStatistics(),
                                version < 7 ? ErrorDrift.State.NONE : DRIFT,
                                EmbeddingDrift.State.NONE)));
    }

    @Test
    void anyTruncationIsToldAsSuch() throws IOException {
        byte[] whole = bytes(STATE);
        for (int length = 0; length < whole.length; length += length < 500 ? 1 : 997) {
            byte[] part = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(part)).isInstanceOf(IOException.class).hasMessageContaining("incomplete");
        }
    }

    @Test
    void anyFlippedBitIsFound() throws IOException {
        byte[] whole = bytes(STATE);
        for (int position = 0; position < whole.length; position += position < 500 ? 1 : 997) {
            byte[] damaged = whole.clone();
            damaged[position] ^= 0x10;
            assertThatThrownBy(() -> read(damaged)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void somethingElseIsToldAsSuch() {
        assertThatThrownBy(() -> read("{\"not\": \"a state\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a learner state");
    }

    @Test
    void aNewerVersionIsToldAsSuch() throws IOException {
        byte[] newer = bytes(STATE);
        newer[11] = 9;
        assertThatThrownBy(() -> read(newer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format version 9")
                .hasMessageContaining("newer release");
    }
}
