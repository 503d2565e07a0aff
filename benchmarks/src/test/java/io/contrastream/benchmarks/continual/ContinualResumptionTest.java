package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.datasets.ImageSplit;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.learn.option.LearnOptions;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run whose process ends at any mini-batch and that is started again, with the engine on the tests' class path. */
final class ContinualResumptionTest {

    private static final TreeMap<String, String> OPTIONS = new TreeMap<>(Map.of("--recall", "6", "--seed", "1"));
    private static final int EVERY = 3;

    @TempDir
    private static Path folder;

    private static ImageSplit images;
    private static LearnOptions learn;
    private static ClassStages stages;
    private static Run whole;

    /** The compared figures: all except times. */
    private record Run(ContinualProgress.Snapshot progress, byte[] learner) {}

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @BeforeAll
    static void runWithoutAStop() throws IOException {
        images = ImageSplit.open("synthetic", 1);
        ModelOptions options = ModelOptions.of(Configuration.fromMap(Map.of(
                "image.width", "8",
                "image.height", "8",
                "encoder.width", "2",
                "encoder.threads", "1",
                "optimizer.momentum", "0.9",
                "learner.batch-size", "5",
                "learner.recall-size", "6",
                "learner.replay.capacity", "12",
                "learner.refresh-steps", "4")));
        learn = options.learn();
        stages = new ClassStages(
                images,
                new ExampleDecoder(options.decode()),
                ClassStages.deal(images.train().labels().subList(0, 4), 2),
                12, // five mini-batches a stage, the last of four images
                1,
                StreamShape.STAGED,
                1);
        whole = run(folder.resolve("whole"), -1);
    }

    @AfterAll
    static void close() {
        images.close();
    }

    /** @param killAfter mini-batches of this process, counted over stages; negative for none */
    private static Run run(Path file, int killAfter) throws IOException {
        try (Encoder encoder = EncoderEngine.find().create(learn.encoder(), learn.training(), learn.device(), 1);
                Learner learner = new Learner(learn.learner(), encoder)) {
            Resumption resumption = new Resumption(file, EVERY);
            ContinualProgress progress = resumption.begin(OPTIONS, learner);
            int[] learned = {0};
            new ContinualBenchmark(stages, 5, 1).run(learner, encoder, progress, new ContinualBenchmark.Watcher() {
                @Override
                public void learned() {
                    resumption.learned(progress, learner);
                    learned[0]++;
                    if (learned[0] == killAfter) {
                        throw new Killed();
                    }
                }

                @Override
                public void tested() {
                    resumption.write(progress, learner);
                }
            });
            return new Run(progress.snapshot(), bytes(learner.state()));
        }
    }

    private static byte[] bytes(LearnerState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateFormat.write(state, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 7, 9})
    void aRunThatIsKilledAndStartedAgainEndsWithTheSameBits(int miniBatches) throws IOException {
        Path file = folder.resolve("killed-" + miniBatches);
        assertThatThrownBy(() -> run(file, miniBatches)).isInstanceOf(Killed.class);

        Run again = run(file, -1);

        assertSame(again);
        assertThat(folder).isDirectoryNotContaining("glob:**.unfinished");
    }

    @Test
    void aRunThatIsKilledAgainAndAgainEndsWithTheSameBits() throws IOException {
        Path file = folder.resolve("killed-often");
        for (int kills = 0; kills < 2; kills++) {
            assertThatThrownBy(() -> run(file, EVERY)).isInstanceOf(Killed.class);
        }

        assertSame(run(file, -1));
    }

    @Test
    void aRunThatHasEndedOnlyTellsItsFigures() throws IOException {
        assertSame(run(folder.resolve("whole"), 1));
    }

    private static void assertSame(Run run) {
        assertThat(run.learner()).isEqualTo(whole.learner());
        assertThat(run.progress())
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*[nN]anos")
                .isEqualTo(whole.progress());
    }

    @Test
    void theStateOfOtherOptionsIsRefused() throws IOException {
        Path file = folder.resolve("whole");
        ContinualState state = ContinualState.read(file);

        assertThatThrownBy(
                        () -> state.requireSame(new TreeMap<>(Map.of("--recall", "7", "--seed", "1", "--batch", "5"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the state is of another run: --batch is not set there, but 5 here; "
                        + "--recall is 6 there, but 7 here");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 40, 2000, 10_000})
    void damageIsSeen(int position) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("whole"));
        bytes[position] ^= 1;
        Path damaged = Files.write(folder.resolve("damaged"), bytes);

        assertThatThrownBy(() -> ContinualState.read(damaged)).isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatEndsTooEarlyIsSeen() throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("whole"));
        for (int length : new int[] {0, 4, 100, bytes.length - 1}) {
            Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));

            assertThatThrownBy(() -> ContinualState.read(cut)).isInstanceOf(IOException.class);
        }
    }
}
