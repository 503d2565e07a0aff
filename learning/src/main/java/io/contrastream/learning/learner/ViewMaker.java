package io.contrastream.learning.learner;

import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Makes the views of optimiser steps on threads of its own, while the encoder is busy with something else. A view is a pure
 * function of the image and of (seed, attempt, position), so the number of threads changes nothing but the time. There are two
 * buffers in turn: the views of a step can be made while the encoder trains on those of the step before.
 *
 * <p>Not thread-safe. The threads are daemons, start with the first views and end with {@link #close}.
 */
final class ViewMaker implements AutoCloseable {

    private static final int VIEWS = 2;

    /** More help little where a step is the encoder's for the most part, and are missed by its own threads. */
    private static final int MOST_THREADS_BY_DEFAULT = 4;

    private final LearnerOptions options;
    private final int size;
    private final Augmentation augmentation;
    private final int threads;
    private final Consumer<float[]> whenMade;
    private final ExecutorService executor;
    private Views next = new Views();
    private Views last = new Views();

    /** @param whenMade is told of every step's views, on one of the threads; they are not ready before it has returned */
    ViewMaker(LearnerOptions options, ImageShape shape, Consumer<float[]> whenMade) {
        this.options = options;
        this.whenMade = whenMade;
        size = shape.size();
        augmentation = new Augmentation(options.augment(), shape);
        threads = options.augmentThreads() > 0
                ? options.augmentThreads()
                : Math.min(MOST_THREADS_BY_DEFAULT, Runtime.getRuntime().availableProcessors());
        AtomicInteger number = new AtomicInteger();
        executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "contrastream-augment-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Begins to make the views of an attempt at a step.
     *
     * @param images n images, each [C, H, W]
     * @param labels [n], their classes
     * @return theirs until the call after the next
     */
    Views make(long attempt, List<byte[]> images, int[] labels) {
        Views views = next;
        next = last;
        last = views;
        views.reserve(images.size(), labels);
        AtomicInteger position = new AtomicInteger();
        Runnable work = () -> {
            for (int view = position.getAndIncrement(); view < views.labels.length; view = position.getAndIncrement()) {
                make(attempt, view, images, views.values);
            }
        };
        views.made = CompletableFuture.allOf(IntStream.range(0, threads)
                        .mapToObj(thread -> CompletableFuture.runAsync(work, executor))
                        .toArray(CompletableFuture[]::new))
                .thenRunAsync(() -> whenMade.accept(views.values), executor);
        return views;
    }

    private void make(long attempt, int view, List<byte[]> images, float[] out) {
        byte[] pixels = images.get(view % images.size());
        if (view < images.size() && options.augment().firstViewPlain()) {
            Pixels.toUnit(pixels, out, view * size);
        } else {
            RandomStream random = RandomStream.of(options.seed(), Purpose.AUGMENT, attempt, view);
            augmentation.view(pixels, random, out, view * size);
        }
    }

    /** Ends the threads. Idempotent. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            executor.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The views of one attempt: the first ones of all images, then the second ones. */
    final class Views {

        private float[] values = new float[0]; // [V·n, C, H, W]
        private int[] labels = new int[0]; // [V·n]
        private CompletableFuture<Void> made = CompletableFuture.completedFuture(null);

        private void reserve(int images, int[] imageLabels) {
            // What was begun and never taken, because something else failed, must not be written into what comes now.
            made.handle((done, failure) -> null).join();
            labels = IntStream.range(0, VIEWS * images)
                    .map(view -> imageLabels[view % images])
                    .toArray();
            if (values.length != labels.length * size) {
                values = new float[labels.length * size];
            }
        }

        /**
         * Waits until they are made.
         *
         * @return [V·n, C, H, W] in [0, 1]
         * @throws java.util.concurrent.CompletionException with the cause, if making one failed
         */
        float[] values() {
            made.join();
            return values;
        }

        /** The class of each, [V·n]. */
        int[] labels() {
            return labels;
        }
    }
}
