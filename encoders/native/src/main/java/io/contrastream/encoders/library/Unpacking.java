package io.contrastream.encoders.library;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;

/**
 * Has one process at a time unpack native libraries. JavaCPP keeps those of a jar in a folder of the user's. A process that finds a library
 * that another one is still writing writes it anew, and where that one has loaded it by then, it crashes.
 */
public final class Unpacking {

    private static final String LOCK = ".contrastream-unpacking";
    private static final int RETRY_MILLIS = 20;

    private Unpacking() {}

    /**
     * Does work that loads native libraries, while no other process does so with the same folder.
     *
     * @return what the work returns
     * @throws UncheckedIOException if the folder cannot be written to, which JavaCPP could not either
     */
    public static <T> T alone(Supplier<T> work) {
        // Closing a channel gives its lock back.
        try (FileChannel channel = open()) {
            lock(channel);
            return work.get();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock on the folder of native libraries", e);
        }
    }

    private static FileChannel open() throws IOException {
        Path folder = Loader.getCacheDir().toPath();
        return FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                channel.lock();
                return;
            } catch (OverlappingFileLockException held) {
                pause(); // by another class loader's engine in this process
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while another engine of this process loaded its libraries", e);
        }
    }
}
