package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.HeldOut;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.origin.InitialState;
import io.contrastream.operators.learn.origin.InitialWeights;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.releases.folder.ReleaseRequests.Request;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The learning operator with a real engine, mini-batches of four and a release every three steps. */
class ReleasingTest {

    private static final LearnOptions OPTIONS = LearnRun.options("model", LearnRun.LEARNER.with(new HeldOut(0.3)));

    @TempDir
    private Path folder;

    @RegisterExtension
    final OpenRuns runs = new OpenRuns();

    @Test
    void whatIsDueIsAReleaseOnceACheckpointThatContainsItIsComplete() throws Exception {
        LearnRun run = run(bySteps(3), null).send(0, 20);
        assertThat(versions()).containsExactly(3L);
        assertThat(complete()).isEmpty();

        run.snapshot();
        assertThat(complete()).isEmpty();
        assertThat(run.releases()).isEmpty();
        run.complete();

        EncoderRelease announced = run.releases().get(0);
        assertThat(run.releases()).hasSize(1);
        assertThat(announced.getModel()).isEqualTo("model");
        assertThat(announced.getEncoderVersion()).isEqualTo(3);
        assertThat(announced.getMetrics()).containsKeys("windowAccuracy", "heldOutAccuracy");
        Release release = Release.open(announced.getUri(), announced.getSha256());
        release.verify();
        assertThat(release.spec()).isEqualTo(OPTIONS.encoder());
        assertThat(release.manifest().options()).containsEntry("learner.batch-size", "4");
        assertThat(release.manifest().data()).containsEntry("imagesSeen", 12L);
        assertThat(release.prototypes()).extracting(ClassPrototype::getLabel).isNotEmpty();
        try (OnnxEncoder encoder =
                new OnnxEncoder(release.network(), OPTIONS.encoder().input(), 1)) {
            assertThat(encoder.embed(new float[OPTIONS.encoder().input().size()], 1))
                    .hasSize(16);
        }

        run.complete().send(20, 40);
        run.snapshot();
        run.complete();
        assertThat(run.releases()).extracting(EncoderRelease::getEncoderVersion).containsExactly(3L, 6L, 9L);
        assertThat(Release.open(run.releases().get(2).getUri()).manifest().parent())
                .hasValue(6);
    }

    /** Killed before the checkpoint, after it and after the announcement: each version is a release once, with the same files. */
    @Test
    void whoGoesOnFromACheckpointReleasesTheSame() throws Exception {
        LearnRun first = run(bySteps(3), null).send(0, 8);
        OperatorSubtaskState early = first.snapshot();
        first.send(8, 16);
        Path torn = folder.resolve("model/3/encoder.onnx");
        byte[] network = Files.readAllBytes(torn);
        Files.writeString(torn, "torn");

        LearnRun second = run(bySteps(3), early).send(8, 16);
        assertThat(Files.readAllBytes(torn)).isEqualTo(network);
        OperatorSubtaskState waiting = second.snapshot();

        LearnRun third = run(bySteps(3), waiting);
        third.snapshot();
        third.complete();
        second.complete();

        assertThat(third.releases()).isEqualTo(second.releases()).hasSize(1);
        OperatorSubtaskState announced = third.snapshot();
        LearnRun fourth = run(bySteps(3), announced).send(16, 20);
        fourth.snapshot();
        fourth.complete();
        assertThat(fourth.releases()).isEmpty();
        assertThat(complete()).containsExactly(3L);
    }

    /** As with a savepoint that is older than the newest release. */
    @Test
    void whoGoesBackToAnOlderStateAnnouncesTheSameReleaseAgainAndNeverReplacesOneByAnother() throws Exception {
        LearnRun first = run(bySteps(3), null).send(0, 8);
        OperatorSubtaskState older = first.snapshot();
        first.send(8, 16);
        first.snapshot();
        EncoderRelease released = first.complete().releases().get(0);

        LearnRun same = run(bySteps(3), older).send(8, 16);
        same.snapshot();
        assertThat(same.complete().releases()).containsExactly(released);

        LearnRun other = run(bySteps(3), older).send(40, 48).setTime(START + LearnRun.REPORT.toMillis());
        assertThat(other.reports().get(0).getReleaseRefused())
                .isEqualTo("version 3: there is a release of that version already, " + released.getUri()
                        + ", with other weights; it stays, and later versions are released");
        other.send(48, 56);
        other.snapshot();
        assertThat(other.complete().releases())
                .extracting(EncoderRelease::getEncoderVersion)
                .containsExactly(6L);
        Release.open(released.getUri(), released.getSha256()).verify();
    }

    @Test
    void timeMakesAReleaseDueToo() throws Exception {
        ReleaseOptions hourly = new ReleaseOptions(folder.toString(), 0, Duration.ofHours(1), 1e-4, 1, Map.of());
        LearnRun run = run(hourly, null).send(0, 8);
        assertThat(versions()).isEmpty();

        run.setTime(START + 3_600_000).send(8, 16);

        assertThat(versions()).containsExactly(3L);
    }

    @Test
    void aRefusedCandidateIsNotReleased() throws Exception {
        ReleaseOptions strict = new ReleaseOptions(folder.toString(), 3, Duration.ZERO, 1e-12, 1, Map.of());
        LearnRun refused = run(strict, null).send(0, 12);
        refused.snapshot();
        refused.complete();

        assertThat(refused.releases()).isEmpty();
        assertThat(versions()).isEmpty();
        refused.setTime(START + LearnRun.REPORT.toMillis());
        assertThat(refused.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.getReleaseRefused())
                        .startsWith("version 3: the exported network's embeddings differ from the engine's"));
    }

    @Test
    void aDirectoryThatCannotBeWrittenDoesNotStopTheLearner() throws Exception {
        Files.writeString(folder.resolve("model"), "a file is in the way");

        LearnRun run = run(bySteps(3), null).send(0, 20);
        run.snapshot();
        run.complete();

        assertThat(run.releases()).isEmpty();
        assertThat(run.embeddings()).isNotEmpty();
    }

    @Test
    void aNewModelStartsFromAReleaseThatIsWhole() throws Exception {
        LearnRun run = run(bySteps(3), null).send(0, 12);
        run.snapshot();
        String release = run.complete().releases().get(0).getUri();

        LearnOptions options = LearnRun.startingFrom(folder.resolve("model/3"));
        assertThat(InitialWeights.read(options).parameters())
                .isEqualTo(Release.open(release).weights(OPTIONS.encoder(), 5).parameters());
        assertThatThrownBy(() -> InitialWeights.read(LearnRun.startingFrom(folder.resolve("model/3"), "0".repeat(64))))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("it is a release that cannot be used: ")
                .hasMessageEndingWith("but must be " + "0".repeat(64));
        Files.writeString(folder.resolve("model/3/encoder.safetensors"), "torn");
        assertThatThrownBy(() -> InitialWeights.read(options))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("encoder.safetensors has 4 bytes");
    }

    /** Of a release there are weights and version; memory and with it prototypes begin anew. */
    @Test
    void aNewModelGoesOnFromTheVersionOfARelease() throws Exception {
        LearnRun run = run(bySteps(3), null).send(0, 12);
        run.snapshot();
        run.complete();
        String release = folder.resolve("model/3").toUri().toString();
        LearnOptions options = withState(release, OPTIONS.training());

        SavedLearner saved = InitialState.read(options);
        assertThat(saved.state().encoder().parameters())
                .isEqualTo(Release.open(release).weights(OPTIONS.encoder(), 5).parameters());
        LearnRun next = runs.opened(LearnRun.releasing(options, ReleaseOptions.NONE, null));
        next.snapshot();
        next.send(20, 28);

        assertThat(next.embeddings().get(0).getEncoderVersion()).isEqualTo(4);
        assertThat(next.embeddings().get(0).getNearestLabel()).isNull();
        assertThat(next.embeddings().get(7).getEncoderVersion()).isEqualTo(5);
        assertThat(next.setTime(START + LearnRun.REPORT.toMillis())
                        .reports()
                        .get(0)
                        .getImagesSeen())
                .isEqualTo(8);
        TrainingOptions adam = new TrainingOptions(OptimizerOptions.adam(0.001, 0), 0.1);
        assertThatThrownBy(() -> InitialState.read(withState(release, adam)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a release, and has no moments of Adam")
                .hasMessageContaining("give the release as encoder.initial-weights");
        Files.writeString(folder.resolve("model/3/encoder.safetensors"), "torn");
        LearnRun torn = LearnRun.create(options, 1);
        assertThatThrownBy(torn::open)
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .hasMessageContaining("encoder.safetensors has 4 bytes");
    }

    private static LearnOptions withState(String state, TrainingOptions training) {
        return new LearnOptions(
                "next",
                OPTIONS.encoder(),
                new InitialModel("", "", state),
                training,
                OPTIONS.device(),
                OPTIONS.learner(),
                OPTIONS.flushInterval(),
                OPTIONS.reportInterval(),
                ReplicaOptions.ONE);
    }

    /** Killed before the checkpoint and after it: one release, one answer. */
    @Test
    void whatIsAskedForIsReleasedWithTheNextCheckpointOnce() throws Exception {
        ReleaseRequests requests = new ReleaseRequests(folder.toString(), "model");
        LearnRun first = run(bySteps(1000), null).send(0, 8);
        OperatorSubtaskState early = first.snapshot();
        Request request = requests.askForRelease(Instant.ofEpochMilli(START));
        first.snapshot();

        LearnRun second = run(bySteps(1000), early).send(8, 12);
        OperatorSubtaskState waiting = second.snapshot();
        assertThat(complete()).isEmpty();
        assertThat(requests.takeAnswer(request.id())).isEmpty();

        LearnRun third = run(bySteps(1000), waiting).send(12, 16);
        third.snapshot();
        assertThat(third.complete().releases())
                .extracting(EncoderRelease::getEncoderVersion)
                .containsExactly(3L);
        assertThat(complete()).containsExactly(3L);
        assertThat(requests.waiting()).isEmpty();
        assertThat(requests.takeAnswer(request.id())).hasValue("released: " + folder + "/model/3");

        Request again = requests.askForRelease(Instant.ofEpochMilli(START));
        Request andAgain = requests.askForRelease(Instant.ofEpochMilli(START + 1));
        third.snapshot();
        assertThat(third.complete().releases()).hasSize(2);
        assertThat(requests.takeAnswer(again.id())).hasValue("released: " + folder + "/model/4");
        assertThat(requests.takeAnswer(andAgain.id())).hasValue("released already: " + folder + "/model/4");
    }

    @Test
    void theGateHoldsForWhatIsAskedForToo() throws Exception {
        ReleaseRequests requests = new ReleaseRequests(folder.toString(), "model");
        ReleaseOptions strict = new ReleaseOptions(folder.toString(), 1000, Duration.ZERO, 1e-12, 1, Map.of());
        LearnRun run = run(strict, null);
        Request early = requests.askForRelease(Instant.ofEpochMilli(START));
        run.snapshot();
        run.complete().send(0, 8);
        Request request = requests.askForRelease(Instant.ofEpochMilli(START));
        run.snapshot();
        run.complete();

        assertThat(requests.takeAnswer(early.id()))
                .hasValue("refused: version 0: memory has no image that a prototype could be made of");
        assertThat(requests.takeAnswer(request.id()).orElseThrow())
                .startsWith("refused: version 2: the exported network's embeddings differ");
        assertThat(versions()).isEmpty();
    }

    /** Restored, and asked before it has seen an image again: it goes back, and whoever goes on from there has gone back once. */
    @Test
    void theLearnerGoesOnFromAnOlderReleaseAndKeepsItsMemory() throws Exception {
        ReleaseRequests requests = new ReleaseRequests(folder.toString(), "model");
        LearnRun first = run(bySteps(3), null).send(0, 20);
        first.snapshot();
        first.complete().send(20, 28);
        OperatorSubtaskState state = first.snapshot();
        assertThat(versions()).containsExactly(3L, 6L);
        Request request = requests.askToGoBack(Instant.ofEpochMilli(START), 3);

        LearnRun second = run(bySteps(3), state);
        OperatorSubtaskState back = second.snapshot();

        assertThat(second.embeddings()).isNotEmpty().allSatisfy(embedding -> {
            assertThat(embedding.getOrigin()).isEqualTo(EmbeddingOrigin.REFRESHED);
            assertThat(embedding.getEncoderVersion()).isEqualTo(8);
        });
        assertThat(second.prototypes()).isNotEmpty();
        assertThat(second.complete().releases())
                .extracting(EncoderRelease::getEncoderVersion)
                .containsExactly(3L);
        assertThat(complete()).containsExactly(3L);
        assertThat(requests.takeAnswer(request.id()))
                .hasValue("gone back: version 8 has the weights of " + folder + "/model/3");
        Release older = Release.open(folder + "/model/3");
        try (OnnxEncoder encoder =
                new OnnxEncoder(older.network(), OPTIONS.encoder().input(), 1)) {
            for (Embedding embedding : second.embeddings()) {
                float[] expected = encoder.embed(image(embedding.getId()), 1);
                for (int k = 0; k < expected.length; k++) {
                    assertThat(embedding.getVector().get(k)).isCloseTo(expected[k], within(1e-5f));
                }
            }
        }

        LearnRun third = run(bySteps(3), back).send(28, 32);
        third.snapshot();
        assertThat(third.complete().releases())
                .extracting(EncoderRelease::getEncoderVersion)
                .containsExactly(3L, 9L);
        assertThat(Release.open(folder + "/model/9").manifest().parent()).hasValue(3);
        assertThat(Release.open(folder + "/model/9").manifest().data()).containsEntry("imagesSeen", 32L);
    }

    @Test
    void aReleaseThatIsNotThereIsNotGoneBackTo() throws Exception {
        ReleaseRequests requests = new ReleaseRequests(folder.toString(), "model");
        LearnRun run = run(bySteps(1000), null).send(0, 8);
        Request request = requests.askToGoBack(Instant.ofEpochMilli(START), 1);
        run.snapshot();
        run.complete();

        assertThat(run.releases()).isEmpty();
        assertThat(requests.takeAnswer(request.id()).orElseThrow())
                .startsWith("refused: " + folder + "/model/1: it is not a release");
    }

    private static float[] image(String id) {
        for (int position = 0; position < 40; position++) {
            Example example = LearnRun.EXAMPLES.inTurn(position, 3);
            if (example.id().equals(id)) {
                float[] image = new float[example.pixels().length];
                Pixels.toUnit(example.pixels(), image, 0);
                return image;
            }
        }
        throw new AssertionError("no image " + id);
    }

    private LearnRun run(ReleaseOptions releases, OperatorSubtaskState state) throws Exception {
        return runs.opened(LearnRun.releasing(OPTIONS, releases, state));
    }

    private ReleaseOptions bySteps(int steps) {
        return new ReleaseOptions(folder.toString(), steps, Duration.ZERO, 1e-4, 1, Map.of("learner.batch-size", "4"));
    }

    private List<Long> versions() throws IOException {
        return new ReleaseDirectory(folder.toString()).versions("model");
    }

    private List<Long> complete() throws IOException {
        return new ReleaseDirectory(folder.toString())
                .releases("model").stream()
                        .map(release -> release.manifest().version())
                        .toList();
    }
}
