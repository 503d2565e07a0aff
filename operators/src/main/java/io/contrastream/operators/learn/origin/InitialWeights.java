package io.contrastream.operators.learn.origin;

import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.releases.weights.Match;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Weights in a file, or in a release, of any file system that Flink has. */
public final class InitialWeights {

    private InitialWeights() {}

    /**
     * Reads the weights that the options name, to see whether the network can start with them.
     *
     * @throws WeightsException if they do not fit the network or are not finite, or the file is no safetensors file, or not the
     *     one that has the options' hash; or if the release is damaged, or its manifest has another hash
     * @throws org.apache.flink.core.fs.UnsupportedFileSystemSchemeException if this process has no such file system
     */
    public static Match check(LearnOptions options) throws IOException {
        return read(options).match();
    }

    /** Reads the weights; what is not in the file is initialised from the seed. Fails as {@link #check} does. */
    public static EncoderWeights read(LearnOptions options) throws IOException {
        return Release.isThere(options.initial().weights()) ? ofRelease(options) : ofFile(options);
    }

    private static EncoderWeights ofRelease(LearnOptions options) throws IOException {
        String uri = options.initial().weights();
        try {
            Release release = options.initial().weightsSha256().isEmpty()
                    ? Release.open(uri)
                    : Release.open(uri, options.initial().weightsSha256());
            return release.weights(options.encoder(), options.learner().seed());
        } catch (ReleaseException e) {
            throw new WeightsException(uri, "it is a release that cannot be used: " + e.getMessage(), e);
        }
    }

    private static EncoderWeights ofFile(LearnOptions options) throws IOException {
        return open(
                options,
                (in, bytes) -> EncoderWeights.read(
                        in,
                        bytes,
                        options.initial().weights(),
                        options.encoder(),
                        options.learner().seed()));
    }

    private static <T> T open(LearnOptions options, Content<T> content) throws IOException {
        String uri = options.initial().weights();
        Path path = new Path(uri);
        FileSystem files = path.getFileSystem();
        FileStatus status = files.getFileStatus(path);
        if (status.isDir()) {
            throw new WeightsException(uri, "it is a folder, but must be a safetensors file or a release");
        }
        try (InputStream in = files.open(path)) {
            return options.initial().weightsSha256().isEmpty()
                    ? content.of(in, status.getLen())
                    : verified(in, options, status.getLen(), content);
        }
    }

    /** The content is handed out only if the bytes that it was made of have the hash: there is no second look at the file. */
    private static <T> T verified(InputStream file, LearnOptions options, long bytes, Content<T> content)
            throws IOException {
        DigestInputStream in = new DigestInputStream(file, sha256());
        T made = content.of(in, bytes);
        in.transferTo(OutputStream.nullOutputStream());
        String hash = HexFormat.of().formatHex(in.getMessageDigest().digest());
        if (!hash.equals(options.initial().weightsSha256())) {
            throw new WeightsException(
                    options.initial().weights(),
                    "its SHA-256 is " + hash + ", but must be "
                            + options.initial().weightsSha256());
        }
        return made;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private interface Content<T> {

        T of(InputStream in, long bytes) throws IOException;
    }
}
