package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReleasesCommandTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 4, Normalization.CIFAR100);

    @TempDir
    private Path folder;

    @BeforeEach
    void release() throws IOException {
        ReleaseDirectory directory = new ReleaseDirectory(folder.toString());
        for (long version : new long[] {10, 20, 30}) {
            EncoderState state =
                    new EncoderState(SPEC.fingerprint(), version, SPEC.network().initialParameters(version), List.of());
            directory.complete(new Manifest(
                    "birds",
                    version,
                    OptionalLong.empty(),
                    Instant.parse("2026-05-04T03:02:01Z"),
                    SPEC.fingerprint(),
                    new TreeMap<>(),
                    new TreeMap<>(Map.of("windowAccuracy", 0.51239)),
                    new TreeMap<>(Map.of("imagesSeen", 10 * version)),
                    List.of(),
                    directory.write("birds", state, List.of())));
        }
        Files.createDirectories(folder.resolve("birds/15"));
    }

    @Test
    void listsWhatThereIs() {
        assertThat(Console.run("releases", "list", folder.toString()).out().lines())
                .containsExactly(
                        folder
                                + "/birds/10  version 10, released 2026-05-04T03:02:01Z, imagesSeen 100, windowAccuracy 0.512",
                        folder + "/birds/15: it is not a release, or an incomplete one: it has no manifest.json",
                        folder
                                + "/birds/20  version 20, released 2026-05-04T03:02:01Z, imagesSeen 200, windowAccuracy 0.512",
                        folder
                                + "/birds/30  version 30, released 2026-05-04T03:02:01Z, imagesSeen 300, windowAccuracy 0.512");
        assertThat(Console.run("releases", "list", folder + "/none").out())
                .isEqualToIgnoringNewLines("There is no release in " + folder + "/none.");
    }

    @Test
    void showsTheManifestAndVerifiesTheFiles() throws IOException {
        String release = folder + "/birds/20";
        String sha256 = Release.open(release).sha256();

        assertThat(Console.run("releases", "show", release).out())
                .isEqualTo(Files.readString(folder.resolve("birds/20/manifest.json")));
        assertThat(Console.run("releases", "verify", release, "--sha256", sha256)
                        .out())
                .contains("model 'birds', version 20: 3 files are as released", sha256);
        Files.writeString(folder.resolve("birds/20/encoder.onnx"), "torn");
        Console damaged = Console.run("releases", "verify", release);
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(damaged.err()).startsWith("contrastream: " + release + ": encoder.onnx has 4 bytes, but must have ");
        assertThat(damaged.err()).doesNotContain("--stacktrace");
    }

    /** Nobody is told of a release that is not whole; so this needs no Kafka. */
    @Test
    void goesBackToNoReleaseThatIsDamaged() throws IOException {
        Files.writeString(folder.resolve("birds/10/prototypes.avro"), "torn");

        Console console = Console.run("releases", "rollback", "-b", "localhost:1", folder + "/birds/10");

        assertThat(console.exitCode()).isEqualTo(1);
        assertThat(console.err()).contains("birds/10: prototypes.avro has 4 bytes, but must have ");
    }

    @Test
    void asksTheLearnerForAReleaseAndTellsItsAnswer() throws Exception {
        ReleaseRequests requests = new ReleaseRequests(folder.toString(), "birds");
        AtomicReference<String> answer = new AtomicReference<>("released: elsewhere/birds/31");
        Thread learner = new Thread(() -> answerAll(requests, answer));
        learner.setDaemon(true);
        learner.start();

        Console released = Console.run("releases", "request", folder.toString(), "--model", "birds");
        answer.set("refused: version 31: because");
        Console refused = Console.run("releases", "request", folder.toString(), "--model", "birds");
        learner.interrupt();
        learner.join();
        Console silent = Console.run("releases", "request", folder.toString(), "--model", "birds", "--wait", "1 s");
        Console left = Console.run("releases", "request", folder.toString(), "--model", "birds", "--wait", "0 s");

        assertThat(released.out()).isEqualToIgnoringNewLines("released: elsewhere/birds/31");
        assertThat(released.exitCode()).isZero();
        assertThat(refused.out()).isEqualToIgnoringNewLines("refused: version 31: because");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(silent.exitCode()).isEqualTo(1);
        assertThat(silent.err()).contains("no answer within 1 s, and the request is withdrawn");
        assertThat(left.out()).startsWith("asked for: request ");
        assertThat(requests.waiting()).hasSize(1);
        assertThat(Console.run("releases", "request", folder.toString(), "--wait", "soon")
                        .err())
                .contains("--wait is 'soon', but must be a duration such as 10 min");
    }

    private static void answerAll(ReleaseRequests requests, AtomicReference<String> answer) {
        try {
            while (true) {
                for (ReleaseRequests.Request request : requests.waiting()) {
                    requests.answer(request.id(), answer.get());
                }
                Thread.sleep(20);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
