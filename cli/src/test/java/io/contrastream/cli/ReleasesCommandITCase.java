package io.contrastream.cli;

import static io.contrastream.cli.SharedBroker.bytes;
import static io.contrastream.cli.SharedBroker.run;
import static io.contrastream.cli.SharedBroker.send;
import static io.contrastream.cli.SharedBroker.tail;
import static io.contrastream.cli.SharedBroker.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.TestReleases;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Releases that are announced anew or deleted. */
@ExtendWith(SharedBroker.class)
final class ReleasesCommandITCase {

    @TempDir
    private static Path folder;

    @Test
    void aRollbackIsAnnouncedAndTheLearnerIsAskedToGoBackToo() throws Exception {
        assertThat(run("topics", "create", "--name", "encoder-releases=rolled-back")
                        .exitCode())
                .isZero();
        EncoderRelease release = new TestReleases(folder.resolve("releases")).release("encoder", 7);

        Console console =
                run("releases", "rollback", "--learner", "--wait", "0 s", "--topic", "rolled-back", release.getUri());

        assertThat(console.exitCode()).as(console.err()).isZero();
        assertThat(console.out())
                .contains("announced version 7 of model 'encoder' on rolled-back")
                .contains("asked for: request ");
        assertThat(tail("rolled-back", "--to-end")).hasSize(1);
        assertThat(new ReleaseRequests(folder.resolve("releases").toString(), "encoder").waiting())
                .singleElement()
                .satisfies(request -> assertThat(request.goBackTo()).hasValue(7));
        Path moved = Files.move(folder.resolve("releases/encoder"), folder.resolve("copied"));
        assertThat(run("releases", "rollback", "--learner", moved.resolve("7").toString())
                        .err())
                .contains(
                        "--learner: the release must be where the learning job has released it, in DIRECTORY/encoder/7");
    }

    @Test
    void pruningKeepsTheNewestReleasesAndTheAnnouncedOne() throws Exception {
        String topic = "pruned";
        assertThat(run("topics", "create", "--name", "encoder-releases=" + topic)
                        .exitCode())
                .isZero();
        Path directory = folder.resolve("pruned-releases");
        TestReleases releases = new TestReleases(directory);
        for (long version : new long[] {10, 20, 30, 40}) {
            send(topic, "birds", SingleObject.encode(releases.release("birds", version)));
        }
        send(topic, "fish", SingleObject.encode(new TestReleases(folder.resolve("fish")).release("fish", 20)));
        send(topic, "birds", bytes("not an announcement"));
        Files.createDirectories(directory.resolve("birds/25")); // attempts that never became releases
        Files.createDirectories(directory.resolve("birds/50"));
        String[] prune = {"releases", "prune", directory.toString(), "--model", "birds", "--topic", topic, "--keep", "2"
        };

        assertThat(run(with(new String[] {"--dry-run"}, prune)).out().lines())
                .startsWith("superfluous  " + directory + "/birds/10", "superfluous  " + directory + "/birds/20");
        assertThat(directory.resolve("birds/10/manifest.json")).exists();
        assertThat(run("releases", "rollback", "--topic", topic, directory + "/birds/20")
                        .exitCode())
                .isZero();
        assertThat(run(prune).out().lines())
                .containsExactly(
                        "deleted      " + directory + "/birds/10",
                        "deleted      " + directory + "/birds/25",
                        "kept         " + directory + "/birds/20",
                        "kept         " + directory + "/birds/30",
                        "kept         " + directory + "/birds/40");
        assertThat(new ReleaseDirectory(directory.toString()).versions("birds")).containsExactly(20L, 30L, 40L, 50L);
        Console nowhere = run(
                "releases", "prune", directory.toString(), "--model", "birds", "--keep", "1", "--topic", "no-topic");
        assertThat(nowhere.exitCode()).isEqualTo(1);
        assertThat(nowhere.err()).contains("there is no topic 'no-topic'");
    }
}
