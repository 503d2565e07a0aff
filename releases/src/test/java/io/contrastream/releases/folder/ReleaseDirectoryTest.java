package io.contrastream.releases.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Manifest.StoredFile;
import io.contrastream.schemas.ClassPrototype;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReleaseDirectoryTest {

    private static final Instant AT = Instant.parse("2026-05-04T03:02:01Z");
    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 4, Normalization.CIFAR100);
    private static final List<ClassPrototype> PROTOTYPES = List.of(
            new ClassPrototype("crow", List.of(1f, 0f), 3, 0.75f, 12L, AT),
            new ClassPrototype("owl", List.of(0f, 1f), 2, 0.5f, 12L, AT));

    @TempDir
    private Path folder;

    private ReleaseDirectory directory;

    @BeforeEach
    void open() {
        directory = new ReleaseDirectory(folder.toUri().toString());
    }

    @Test
    void whatIsReadIsWhatWasReleased() throws IOException {
        EncoderState state = state(12);

        Manifest manifest = manifest(12, directory.write("birds", state, PROTOTYPES));
        assertThat(directory.releases("birds")).isEmpty();
        assertThat(directory.versions("birds")).containsExactly(12L);
        Release written = directory.complete(manifest);

        Release release = Release.open(folder.resolve("birds/12").toString(), written.sha256());
        release.verify();
        assertThat(release.manifest()).isEqualTo(manifest);
        assertThat(release.spec()).isEqualTo(SPEC);
        assertThat(release.prototypes()).isEqualTo(PROTOTYPES);
        assertThat(release.weights(SPEC, 3).parameters()).isEqualTo(state.parameters());
        assertThat(release.network()).isNotEmpty();
        assertThat(folder.resolve("birds/12"))
                .isDirectoryNotContaining(
                        file -> !List.of("manifest.json", "encoder.safetensors", "encoder.onnx", "prototypes.avro")
                                .contains(file.getFileName().toString().replaceAll("^\\..*\\.crc$", "manifest.json")));
    }

    /** A kill before the manifest, and the same steps again from the last checkpoint. */
    @Test
    void theSameVersionAgainIsTheSameReleaseWhereTheFirstAttemptDidNotEnd() throws IOException {
        Manifest first = manifest(12, directory.write("birds", state(12), PROTOTYPES));
        Files.writeString(folder.resolve("birds/12/encoder.onnx"), "torn");

        Manifest second = manifest(12, directory.write("birds", state(12), PROTOTYPES));

        assertThat(second).isEqualTo(first);
        assertThat(directory.complete(second).sha256())
                .isEqualTo(directory.complete(second).sha256());
    }

    @Test
    void aReleaseIsNeverWrittenOver() throws IOException {
        Manifest manifest = manifest(12, directory.write("birds", state(12), PROTOTYPES));
        directory.complete(manifest);

        assertThatThrownBy(() -> directory.write("birds", state(12), PROTOTYPES))
                .isInstanceOf(ReleaseException.class)
                .hasMessageEndingWith("birds/12: there is a release of that version already");
        Manifest other = new Manifest(
                "birds",
                12,
                OptionalLong.of(3),
                AT,
                SPEC.fingerprint(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                List.of(),
                manifest.files());
        assertThatThrownBy(() -> directory.complete(other))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("the SHA-256 of its manifest.json is");
    }

    @Test
    void releasesAreListedByVersionAndTakenAway() throws IOException {
        for (int version : new int[] {100, 20, 3}) {
            directory.complete(manifest(version, directory.write("birds", state(version), PROTOTYPES)));
        }
        directory.write("birds", state(200), PROTOTYPES);

        assertThat(directory.models()).containsExactly("birds");
        assertThat(directory.releases("birds"))
                .extracting(release -> release.manifest().version())
                .containsExactly(3L, 20L, 100L);
        directory.delete("birds", 20);
        directory.delete("birds", 200);
        assertThat(directory.versions("birds")).containsExactly(3L, 100L);
        assertThat(directory.releases("cats")).isEmpty();
        assertThat(new ReleaseDirectory(folder.resolve("none").toString()).models())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"encoder.safetensors", "encoder.onnx", "prototypes.avro"})
    void aDamagedOrMissingFileIsNamed(String name) throws IOException {
        Release release = directory.complete(manifest(12, directory.write("birds", state(12), PROTOTYPES)));
        Path file = folder.resolve("birds/12").resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(release::verify)
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("birds/12: the SHA-256 of " + name + " is ");
        Files.write(file, new byte[7]);
        assertThatThrownBy(release::verify)
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("birds/12: " + name + " has 7 bytes, but must have " + bytes.length);
        Files.delete(file);
        assertThatThrownBy(release::verify)
                .isInstanceOf(ReleaseException.class)
                .hasMessageEndingWith("birds/12: " + name + " is missing");
    }

    /** Nobody gets weights, a network or prototypes of a file that is not the one that was released. */
    @Test
    void nothingOfADamagedFileIsHandedOut() throws IOException {
        Release release = directory.complete(manifest(12, directory.write("birds", state(12), PROTOTYPES)));
        for (String name : Release.FILES) {
            Path file = folder.resolve("birds/12").resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
        }

        assertThatThrownBy(release::network).hasMessageContaining("SHA-256 of encoder.onnx");
        assertThatThrownBy(release::prototypes).hasMessageContaining("SHA-256 of prototypes.avro");
        assertThatThrownBy(() -> release.weights(SPEC, 1)).hasMessageContaining("SHA-256 of encoder.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "\"formatVersion\" : 1|\"formatVersion\" : 2|it has format version 2, but this program reads releases up to version 1; take a newer one",
                "contrastream-release|something|its manifest.json is not of a release: its format is \"something\"",
                "\"files\"|\"file\"|its manifest.json is damaged: 'files' must be an object, but is ",
                "encoder.onnx|encoder.onyx|its manifest.json is damaged: it does not list [encoder.onnx]",
                "\"version\" : 12|\"version\" : -1|its manifest.json is damaged: 'version' must be a whole number of at least 0, but is -1",
                "T03:02:01Z|, at three|its manifest.json is damaged: 'releasedAt' must be a time such as 2026-01-31T12:00:00Z, but is \"2026-05-04, at three\"",
                "{|[|its manifest.json is damaged: it is not JSON",
            })
    void aForeignNewerOrDamagedManifestIsRefused(String what, String with, String problem) throws IOException {
        directory.complete(manifest(12, directory.write("birds", state(12), PROTOTYPES)));
        Path file = folder.resolve("birds/12/manifest.json");
        String json = Files.readString(file);
        assertThat(json).contains(what);
        Files.writeString(file, json.replace(what, with));
        String release = folder.resolve("birds/12").toString();

        assertThatThrownBy(() -> Release.open(release))
                .isInstanceOf(ReleaseException.class)
                .hasMessage(release + ": " + problem);
    }

    @Test
    void aFolderWithoutAManifestIsNoRelease() {
        assertThatThrownBy(() -> Release.open(folder.toString()))
                .isInstanceOf(ReleaseException.class)
                .hasMessage(folder + ": it is not a release, or an incomplete one: it has no manifest.json");
    }

    private static EncoderState state(long version) {
        return new EncoderState(SPEC.fingerprint(), version, SPEC.network().initialParameters(5), List.of());
    }

    private static Manifest manifest(long version, SortedMap<String, StoredFile> files) {
        return new Manifest(
                "birds",
                version,
                OptionalLong.empty(),
                AT,
                SPEC.fingerprint(),
                new TreeMap<>(Map.of("learner.batch-size", "10")),
                new TreeMap<>(Map.of("windowAccuracy", 0.5)),
                new TreeMap<>(Map.of("imagesSeen", 120L)),
                List.of(0.5, 1.25),
                files);
    }
}
