package io.contrastream.operators.learn;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.safetensors.SafetensorsReader;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.releases.weights.Match;
import io.contrastream.releases.weights.WeightsLayout;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Weights in a file of any file system that Flink has. */
public final class InitialWeights {

    private InitialWeights() {}

    /**
     * Whether the weights fit the network, as far as their file's header tells.
     *
     * @param uri of the file, with a scheme
     * @throws WeightsException if they do not, or it is no safetensors file
     * @throws org.apache.flink.core.fs.UnsupportedFileSystemSchemeException if this process has no such file system
     */
    public static Match check(String uri, EncoderSpec spec) throws IOException {
        return open(
                uri, (in, bytes) -> new WeightsLayout(uri, new SafetensorsReader(in, bytes, uri).header()).match(spec));
    }

    /** Reads the weights; what is not in the file is initialised from the seed. Fails as {@link #check} does. */
    static EncoderWeights read(String uri, EncoderSpec spec, long seed) throws IOException {
        return open(uri, (in, bytes) -> EncoderWeights.read(in, bytes, uri, spec, seed));
    }

    private static <T> T open(String uri, Content<T> content) throws IOException {
        Path path = new Path(URI.create(uri));
        FileSystem files = path.getFileSystem();
        FileStatus status = files.getFileStatus(path);
        if (status.isDir()) {
            throw new WeightsException(uri, "it is a folder, but must be a safetensors file");
        }
        try (InputStream in = files.open(path)) {
            return content.of(in, status.getLen());
        }
    }

    private interface Content<T> {

        T of(InputStream in, long bytes) throws IOException;
    }
}
