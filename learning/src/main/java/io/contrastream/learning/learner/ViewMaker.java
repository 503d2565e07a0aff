package io.contrastream.learning.learner;

import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Plans the views of optimiser steps and, for an engine that takes them from the host, makes them on threads of its own, while the
 * encoder is busy with something else. A view is a pure function of the image and of (seed, attempt, position), so the number of threads
 * changes nothing but the time. There are two buffers in turn: the views of a step can be made while the encoder trains on those of the
 * step before.
 *
 * <p>Not thread-safe. The threads are daemons, start with the first views and end with {@link #close}.
 */
final class ViewMaker implements AutoCloseable {

    private static final int VIEWS = 2;

    /** More help little where a step is the encoder's for the most part, and are missed by its own threads. */
    private static final int MOST_THREADS_BY_DEFAULT = 4;

    private final LearnerOptions options;
    private final ImageShape shape;
    private final Augmentation augmentation;
    private final boolean onHost;
    private final int threads;
    private final ExecutorService executor;
    private Made next = new Made();
    private Made last = new Made();

    /** @param onHost whether views are made here, ahead of the step that takes them, rather than by the engine */
    ViewMaker(LearnerOptions options, ImageShape shape, boolean onHost) {
        this.options = options;
        this.shape = shape;
        this.onHost = onHost;
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
     * Plans the views of an attempt at a step, the first ones of all images, then the second ones, and begins to make them if that is
     * the host's work.
     *
     * @param images n images, each [C, H, W]
     * @param labels of the n images
     * @param fresh how many of them, the first ones, are new
     * @return the step's input; views of the host stand until the call after the next
     */
    StepInput make(long attempt, List<byte[]> images, LabelSets labels, int fresh) {
        byte[] pixels = new byte[images.size() * shape.size()];
        for (int image = 0; image < images.size(); image++) {
            System.arraycopy(images.get(image), 0, pixels, image * shape.size(), shape.size());
        }
        List<View> views = IntStream.range(0, VIEWS * images.size())
                .mapToObj(position -> view(attempt, position, images.size()))
                .toList();
        if (!onHost) {
            return new StepInput(shape, pixels, labels, views, fresh, null);
        }
        Made made = next;
        next = last;
        last = made;
        made.begin(pixels, views);
        return new StepInput(shape, pixels, labels, views, fresh, made::values);
    }

    private View view(long attempt, int position, int images) {
        int image = position % images;
        return position < images && options.augment().firstViewPlain()
                ? View.plain(image, shape)
                : augmentation.draw(image, RandomStream.of(options.seed(), Purpose.AUGMENT, attempt, position));
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

    /** The views of one attempt as the host makes them. */
    private final class Made {

        private float[] values = new float[0]; // [V·n, C, H, W]
        private CompletableFuture<Void> done = CompletableFuture.completedFuture(null);

        private void begin(byte[] images, List<View> views) {
            // What was begun and never taken, because something else failed, must not be written into what comes now.
            done.handle((nothing, failure) -> null).join();
            if (values.length != views.size() * shape.size()) {
                values = new float[views.size() * shape.size()];
            }
            float[] out = values;
            AtomicInteger position = new AtomicInteger();
            Runnable work = () -> {
                for (int view = position.getAndIncrement(); view < views.size(); view = position.getAndIncrement()) {
                    views.get(view).carryOut(images, shape, out, view * shape.size());
                }
            };
            done = CompletableFuture.allOf(IntStream.range(0, threads)
                    .mapToObj(thread -> CompletableFuture.runAsync(work, executor))
                    .toArray(CompletableFuture[]::new));
        }

        /**
         * Waits until they are made.
         *
         * @throws java.util.concurrent.CompletionException with the cause, if making one failed
         */
        private float[] values() {
            done.join();
            return values;
        }
    }
}
