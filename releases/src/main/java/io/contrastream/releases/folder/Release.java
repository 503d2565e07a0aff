package io.contrastream.releases.folder;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Manifest.StoredFile;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.schemas.ClassPrototype;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * A release that is complete: a folder with these files, of which the manifest is written last and has the hashes of the others.
 *
 * <pre>
 * manifest.json         what it is ({@link Manifest})
 * encoder.safetensors   weights under torchvision's names, with the projection head
 * encoder.onnx          from images in [0, 1] to unit embeddings
 * prototypes.avro       an Avro file of ClassPrototype
 * </pre>
 *
 * Whatever it hands out of a file has been verified. Not thread-safe.
 */
public final class Release {

    public static final String MANIFEST = "manifest.json";
    public static final String WEIGHTS = "encoder.safetensors";
    public static final String NETWORK = "encoder.onnx";
    public static final String PROTOTYPES = "prototypes.avro";

    static final Set<String> FILES = Set.of(WEIGHTS, NETWORK, PROTOTYPES);

    private static final int LARGEST_MANIFEST = 16 << 20;

    private final String uri;
    private final Manifest manifest;
    private final String sha256;

    private Release(String uri, Manifest manifest, String sha256) {
        this.uri = uri;
        this.manifest = manifest;
        this.sha256 = sha256;
    }

    /** Whether a folder has a manifest, whatever is in it. */
    public static boolean isThere(String folder) throws IOException {
        Path manifest = new Path(folder, MANIFEST);
        return manifest.getFileSystem().exists(manifest);
    }

    /**
     * Opens a release by its manifest, without looking into its other files.
     *
     * @param folder its URI
     * @throws ReleaseException if there is none, or its manifest is damaged, of something else, or of a newer form
     */
    public static Release open(String folder) throws IOException {
        String uri = Place.of(folder);
        byte[] json = manifest(uri);
        Manifest manifest = Manifest.parse(uri, json);
        Set<String> missing = new TreeSet<>(FILES);
        missing.removeAll(manifest.files().keySet());
        if (!missing.isEmpty()) {
            throw new ReleaseException(uri, "its " + MANIFEST + " is damaged: it does not list " + missing);
        }
        return new Release(uri, manifest, Hashes.of(json));
    }

    /**
     * Opens the release that an announcement names.
     *
     * @param sha256 that its manifest must have
     * @throws ReleaseException as {@link #open(String)}, or if it has another hash
     */
    public static Release open(String uri, String sha256) throws IOException {
        Release release = open(uri);
        if (!release.sha256.equals(sha256)) {
            throw new ReleaseException(
                    uri, "the SHA-256 of its " + MANIFEST + " is " + release.sha256 + ", but must be " + sha256);
        }
        return release;
    }

    private static byte[] manifest(String uri) throws IOException {
        Path path = new Path(uri, MANIFEST);
        FileSystem files = path.getFileSystem();
        try (InputStream in = files.open(path)) {
            byte[] json = in.readNBytes(LARGEST_MANIFEST + 1);
            if (json.length > LARGEST_MANIFEST) {
                throw new ReleaseException(uri, "its " + MANIFEST + " has more than " + LARGEST_MANIFEST + " bytes");
            }
            return json;
        } catch (FileNotFoundException e) {
            throw new ReleaseException(uri, "it is not a release, or an incomplete one: it has no " + MANIFEST, e);
        }
    }

    public String uri() {
        return uri;
    }

    public Manifest manifest() {
        return manifest;
    }

    /** SHA-256 of the manifest, which has those of all other files. */
    public String sha256() {
        return sha256;
    }

    /** The network that the encoder is. */
    public EncoderSpec spec() throws ReleaseException {
        try {
            return EncoderSpec.parse(manifest.fingerprint());
        } catch (IllegalArgumentException e) {
            throw new ReleaseException(uri, e.getMessage(), e);
        }
    }

    /**
     * Reads every file through.
     *
     * @throws ReleaseException naming the first file that is missing or damaged, by size or hash
     */
    public void verify() throws IOException {
        for (Map.Entry<String, StoredFile> file : manifest.files().entrySet()) {
            DigestInputStream in = new DigestInputStream(openFile(file.getKey()), Hashes.sha256());
            try (in) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            requireHash(file.getKey(), Hashes.hex(in.getMessageDigest()));
        }
    }

    /** The ONNX model. */
    public byte[] network() throws IOException {
        return read(NETWORK);
    }

    /** The prototypes, by label. */
    public List<ClassPrototype> prototypes() throws IOException {
        return PrototypeFile.read(read(PROTOTYPES));
    }

    /**
     * The weights.
     *
     * @throws io.contrastream.releases.WeightsException if they do not fit the network
     */
    public EncoderWeights weights(EncoderSpec spec, long seed) throws IOException {
        byte[] bytes = read(WEIGHTS);
        return EncoderWeights.read(new ByteArrayInputStream(bytes), bytes.length, uri + "/" + WEIGHTS, spec, seed);
    }

    private byte[] read(String name) throws IOException {
        try (InputStream in = openFile(name)) {
            byte[] bytes = in.readAllBytes();
            requireHash(name, Hashes.of(bytes));
            return bytes;
        }
    }

    private InputStream openFile(String name) throws IOException {
        Path path = new Path(uri, name);
        FileSystem files = path.getFileSystem();
        long expected = manifest.files().get(name).bytes();
        try {
            long bytes = files.getFileStatus(path).getLen();
            if (bytes != expected) {
                throw new ReleaseException(uri, name + " has " + bytes + " bytes, but must have " + expected);
            }
            return files.open(path);
        } catch (FileNotFoundException e) {
            throw new ReleaseException(uri, name + " is missing", e);
        }
    }

    private void requireHash(String name, String hash) throws ReleaseException {
        String expected = manifest.files().get(name).sha256();
        if (!hash.equals(expected)) {
            throw new ReleaseException(uri, "the SHA-256 of " + name + " is " + hash + ", but must be " + expected);
        }
    }
}
