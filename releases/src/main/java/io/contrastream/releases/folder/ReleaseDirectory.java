package io.contrastream.releases.folder;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Manifest.StoredFile;
import io.contrastream.releases.onnx.OnnxExport;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.schemas.ClassPrototype;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * A directory with the releases of models: {@code DIRECTORY/MODEL/VERSION/}.
 *
 * <p>A release is written in two parts, so that it is complete or absent: its files, and then its manifest, which makes it a release.
 * The manifest appears as a whole: on file systems it is renamed, and object stores show nothing before it is written to its end. A
 * folder without one is what an attempt has left, and the next attempt at that version writes over it.
 */
public final class ReleaseDirectory {

    private final String uri;

    /** @param uri in any file system that Flink has */
    public ReleaseDirectory(String uri) {
        this.uri = Place.of(uri);
    }

    /** URI of the folder of a release. */
    public String folder(String model, long version) {
        return uri + "/" + model + "/" + version;
    }

    /**
     * Writes the files of a release, which becomes one with {@link #complete}.
     *
     * @return the files, as a manifest has them
     * @throws ReleaseException if there is a release of that version already
     * @throws IOException also if a weight is not finite
     */
    public SortedMap<String, StoredFile> write(String model, EncoderState state, List<ClassPrototype> prototypes)
            throws IOException {
        String folder = folder(model, state.step());
        if (exists(new Path(folder, Release.MANIFEST))) {
            throw new ReleaseException(folder, "there is a release of that version already");
        }
        EncoderSpec spec = EncoderSpec.parse(state.fingerprint());
        SortedMap<String, StoredFile> files = new TreeMap<>();
        files.put(Release.WEIGHTS, write(folder, Release.WEIGHTS, out -> EncoderWeights.write(model, state, out)));
        files.put(Release.NETWORK, write(folder, Release.NETWORK, out -> OnnxExport.write(model, spec, state, out)));
        files.put(Release.PROTOTYPES, write(folder, Release.PROTOTYPES, out -> PrototypeFile.write(prototypes, out)));
        return files;
    }

    /** Whether a release has these very weights. */
    public static boolean hasWeights(Release release, EncoderState state) throws IOException {
        StoredFile weights = write(
                OutputStream.nullOutputStream(),
                out -> EncoderWeights.write(release.manifest().model(), state, out));
        return weights.equals(release.manifest().files().get(Release.WEIGHTS));
    }

    /**
     * Makes what {@link #write} has written a release. To do it again changes nothing.
     *
     * @param manifest as {@link Manifest#json} makes it
     * @return the release
     * @throws ReleaseException if there is another release of that version already, or a file of it is not there as written
     */
    public Release complete(Manifest manifest) throws IOException {
        String folder = folder(manifest.model(), manifest.version());
        String json = manifest.json();
        Path path = new Path(folder, Release.MANIFEST);
        if (!exists(path)) {
            FileSystem files = path.getFileSystem();
            Path part = new Path(folder, "." + Release.MANIFEST + ".part");
            try (OutputStream out = files.create(part, WriteMode.OVERWRITE)) {
                out.write(json.getBytes(StandardCharsets.UTF_8));
            }
            if (!files.rename(part, path)) {
                throw new IOException(part + " cannot be renamed to " + path);
            }
        }
        Release release = Release.open(folder, Hashes.of(json.getBytes(StandardCharsets.UTF_8)));
        release.verify();
        return release;
    }

    /**
     * The release of a version, if there is one.
     *
     * @throws ReleaseException if it has a manifest that cannot be read
     */
    public Optional<Release> find(String model, long version) throws IOException {
        String folder = folder(model, version);
        return exists(new Path(folder, Release.MANIFEST)) ? Optional.of(Release.open(folder)) : Optional.empty();
    }

    /**
     * The releases of a model, oldest version first.
     *
     * @throws ReleaseException if one has a manifest that cannot be read
     */
    public List<Release> releases(String model) throws IOException {
        List<Release> releases = new ArrayList<>();
        for (long version : versions(model)) {
            find(model, version).ifPresent(releases::add);
        }
        return releases;
    }

    /** Names of the models that have a folder here, in alphabetical order; none if there is no such directory. */
    public List<String> models() throws IOException {
        return names(new Path(uri)).stream()
                .filter(name -> !name.startsWith("."))
                .sorted()
                .toList();
    }

    /** Versions that have a folder, complete or not, ascending. */
    public List<Long> versions(String model) throws IOException {
        return names(new Path(uri, model)).stream()
                .filter(name -> name.matches("\\d{1,18}"))
                .map(Long::valueOf)
                .sorted()
                .toList();
    }

    /** Takes a release away, its manifest first; or what an attempt has left. */
    public void delete(String model, long version) throws IOException {
        Path folder = new Path(folder(model, version));
        FileSystem files = folder.getFileSystem();
        files.delete(new Path(folder, Release.MANIFEST), false);
        files.delete(folder, true);
    }

    private static List<String> names(Path folder) throws IOException {
        try {
            FileStatus[] children = folder.getFileSystem().listStatus(folder);
            List<String> names = new ArrayList<>();
            for (FileStatus child : children == null ? new FileStatus[0] : children) {
                if (child.isDir()) {
                    names.add(child.getPath().getName());
                }
            }
            return names;
        } catch (FileNotFoundException none) {
            return List.of();
        }
    }

    private static boolean exists(Path path) throws IOException {
        return path.getFileSystem().exists(path);
    }

    private static StoredFile write(String folder, String name, Content content) throws IOException {
        Path path = new Path(folder, name);
        try (OutputStream file = path.getFileSystem().create(path, WriteMode.OVERWRITE)) {
            return write(new BufferedOutputStream(file, 1 << 16), content);
        }
    }

    private static StoredFile write(OutputStream file, Content content) throws IOException {
        Counted counted = new Counted(file);
        DigestOutputStream out = new DigestOutputStream(counted, Hashes.sha256());
        content.write(out);
        out.flush();
        return new StoredFile(counted.bytes, Hashes.hex(out.getMessageDigest()));
    }

    private interface Content {

        void write(OutputStream out) throws IOException;
    }

    private static final class Counted extends FilterOutputStream {

        private long bytes;

        Counted(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            bytes++;
        }

        @Override
        public void write(byte[] values, int from, int count) throws IOException {
            out.write(values, from, count);
            bytes += count;
        }
    }
}
