package io.contrastream.encoders.library;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Supplier;

/**
 * Has one process at a time unpack native libraries. JavaCPP keeps those of a jar in a folder of the user's. A process that finds a library
 * that another one is still writing writes it anew, and where that one has loaded it by then, it crashes.
 */
public final class Unpacking {

    private static final String LOCK = ".contrastream-unpacking";

    private Unpacking() {}

    /**
     * Does work that loads native libraries, while no other process does so with the same folder.
     *
     * @return what the work returns
     * @throws UncheckedIOException if the folder cannot be written to, which JavaCPP could not either
     */
    public static <T> T alone(Supplier<T> work) {
        // A file's lock is the process's. Between threads there is an object that all class loaders' engines share,
        // which JavaCPP takes too.
        synchronized (Runtime.getRuntime()) {
            try (FileChannel channel = open()) {
                channel.lock(); // until it is closed
                return work.get();
            } catch (IOException e) {
                throw new UncheckedIOException("the lock on the folder of native libraries", e);
            }
        }
    }

    /** A lock in the folder that JavaCPP will take, found without JavaCPP: its classes fix the memory limit when they are loaded. */
    private static FileChannel open() throws IOException {
        IOException refused = new IOException("no folder can be written to");
        for (Path folder : folders()) {
            try {
                Files.createDirectories(folder);
                return FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            } catch (IOException e) {
                refused.addSuppressed(e);
            }
        }
        throw refused;
    }

    private static List<Path> folders() {
        String named = System.getProperty("org.bytedeco.javacpp.cachedir");
        return named != null
                ? List.of(Path.of(named))
                : List.of(
                        Path.of(System.getProperty("user.home"), ".javacpp", "cache"),
                        Path.of(System.getProperty("java.io.tmpdir")));
    }
}
