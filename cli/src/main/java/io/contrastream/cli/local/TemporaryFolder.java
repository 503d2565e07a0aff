package io.contrastream.cli.local;

import io.contrastream.learning.failure.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for temporary files that is gone in the end. */
public final class TemporaryFolder implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path path;

    private TemporaryFolder(Path path) {
        this.path = path;
    }

    /** Creates one whose name starts with the prefix. */
    public static TemporaryFolder create(String prefix) {
        try {
            return new TemporaryFolder(Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder", e);
        }
    }

    public Path path() {
        return path;
    }

    /** Deletes it; tries again for a while, since a cluster that is stopped still writes and deletes in it. */
    @Override
    public void close() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                delete();
                return;
            } catch (IOException | UncheckedIOException e) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("cannot delete " + path + ": " + Reason.of(e), e);
                }
                pause();
            }
        }
    }

    private void delete() throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> paths = Files.walk(path)) {
            deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException gone) {
            return;
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
