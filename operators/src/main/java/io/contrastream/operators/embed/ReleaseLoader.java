package io.contrastream.operators.embed;

import io.contrastream.embedding.ReleasedEncoder;
import io.contrastream.learning.failure.Reason;
import io.contrastream.releases.ReleaseException;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads releases one after the other on a thread of its own, while another one serves. Of those that are announced during a load, only the
 * newest is loaded. Not thread-safe: its callers are one thread.
 */
final class ReleaseLoader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReleaseLoader.class);

    private static final int ATTEMPTS = 5;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final EmbedOptions options;
    private final ExecutorService thread;
    private CompletableFuture<Result> current;
    private EncoderRelease next;

    /**
     * Outcome of an announced release.
     *
     * @param encoder null if it was refused
     * @param refusal why; empty if it was not
     */
    record Result(EncoderRelease release, ReleasedEncoder encoder, String refusal) {}

    ReleaseLoader(EmbedOptions options) {
        this.options = options;
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread loading = new Thread(work, "release-loader");
            loading.setDaemon(true);
            return loading;
        });
    }

    /** Loads a release after the one that is just being loaded, if there is one. */
    void load(EncoderRelease release) {
        if (current == null) {
            current = CompletableFuture.supplyAsync(() -> result(release), thread);
        } else {
            next = release;
        }
    }

    /** Whether something is being loaded, or has been and was not taken yet. */
    boolean isBusy() {
        return current != null;
    }

    /** The release that has been loaded or refused since the last call, if one was. */
    Optional<Result> poll() {
        if (current == null || !current.isDone()) {
            return Optional.empty();
        }
        Result result = current.join();
        current = null;
        if (next != null) {
            EncoderRelease release = next;
            next = null;
            load(release);
        }
        return Optional.of(result);
    }

    private Result result(EncoderRelease release) {
        for (int attempt = 1; ; attempt++) {
            try {
                return new Result(release, ReleasedEncoder.load(release, options.images(), options.threads()), "");
            } catch (ReleaseException e) {
                return new Result(release, null, e.getMessage());
            } catch (IOException | RuntimeException e) {
                LOG.warn("Attempt {} of {} to load the release {} fails", attempt, ATTEMPTS, release.getUri(), e);
                if (attempt == ATTEMPTS || !paused()) {
                    return new Result(release, null, release.getUri() + " cannot be loaded: " + Reason.of(e));
                }
            }
        }
    }

    private static boolean paused() {
        try {
            Thread.sleep(PAUSE.toMillis());
            return true;
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Gives back what nobody has taken. Idempotent. */
    @Override
    public void close() {
        next = null;
        thread.shutdownNow();
        if (current != null) {
            CompletableFuture<Void> unused = current.thenAccept(result -> close(result.encoder()));
            current = null;
        }
    }

    private static void close(ReleasedEncoder encoder) {
        try {
            if (encoder != null) {
                encoder.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
