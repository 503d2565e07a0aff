package io.contrastream.operators.embed;

import io.contrastream.embedding.ReleasedEncoder;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.operators.decode.Query;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/**
 * Queries that are embedded together: first filled, then embedded on another thread, then read and cleared. All of its methods are called by
 * one thread.
 */
final class MicroBatch {

    private final ImageShape shape;
    private final List<Query> queries;
    private final float[] images;
    private CompletableFuture<float[]> rows;
    private long nanos;

    /** @param size most queries */
    MicroBatch(ImageShape shape, int size) {
        this.shape = shape;
        queries = new ArrayList<>(size);
        images = new float[size * shape.size()];
    }

    List<Query> queries() {
        return queries;
    }

    /** Has it embedded. */
    void start(ReleasedEncoder encoder, Executor thread) {
        rows = CompletableFuture.supplyAsync(() -> embed(encoder), thread);
    }

    /** Whether it has been started, and not cleared since. */
    boolean isStarted() {
        return rows != null;
    }

    /** Whether the encoder is through with it. */
    boolean isDone() {
        return rows != null && rows.isDone();
    }

    /** Has something done, on whatever thread, when the encoder is through with it. */
    void whenDone(Runnable action) {
        CompletableFuture<Void> unused =
                rows.handle((embedded, failure) -> null).thenAccept(nothing -> action.run());
    }

    private float[] embed(ReleasedEncoder encoder) {
        long start = System.nanoTime();
        for (int i = 0; i < queries.size(); i++) {
            Pixels.toUnit(queries.get(i).pixels(), images, i * shape.size());
        }
        try {
            return encoder.embed(images, queries.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            nanos = System.nanoTime() - start;
        }
    }

    /**
     * The embeddings, [n, D], for which it waits.
     *
     * @throws IOException if the encoder fails
     */
    float[] rows() throws IOException, InterruptedException {
        try {
            return rows.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UncheckedIOException failure) {
                throw failure.getCause();
            }
            throw new IOException("embedding " + queries.size() + " images fails", e.getCause());
        }
    }

    /** Time that the encoder took, in nanoseconds. */
    long nanos() {
        return nanos;
    }

    /** Waits until the encoder is through with it, without an interest in what it came to. */
    void letGo() {
        if (rows != null) {
            rows.handle((embedded, failure) -> null).join();
        }
    }

    void clear() {
        queries.clear();
        rows = null;
    }
}
