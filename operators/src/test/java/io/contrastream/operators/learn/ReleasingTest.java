package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.learning.learner.HeldOut;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The learning operator with a real engine, mini-batches of four and a release every three steps. */
class ReleasingTest {

    private static final LearnOptions OPTIONS =
            LearnRun.options("model", LearnRun.LEARNER.withHeldOut(new HeldOut(0.3)));

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
