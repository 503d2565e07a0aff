package io.contrastream.benchmarks.embedding;

import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.releases.folder.Release;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * ONNX Runtime and nothing else: as many sessions at once as the job has instances, each with batches of decoded images.
 *
 * @param instances that embed at once
 * @param threads of each
 * @param batch images of a call
 */
record BareRuntime(int instances, int threads, int batch) {

    /** Images embedded per second, all instances together, over the given time after a tenth of it. */
    double imagesPerSecond(byte[] network, ImageShape shape, Duration time)
            throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(instances);
        try {
            List<Callable<Double>> runs = new ArrayList<>();
            for (int i = 0; i < instances; i++) {
                runs.add(() -> run(network, shape, time));
            }
            double sum = 0;
            for (Future<Double> run : executor.invokeAll(runs)) {
                sum += run.get();
            }
            return sum;
        } finally {
            executor.shutdownNow();
        }
    }

    private double run(byte[] network, ImageShape shape, Duration time) throws IOException {
        float[] images = new float[batch * shape.size()];
        Random random = new Random(0);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        try (OnnxEncoder encoder = new OnnxEncoder(network, shape, threads)) {
            repeat(encoder, images, time.dividedBy(10));
            long before = System.nanoTime();
            int embedded = repeat(encoder, images, time);
            return embedded * 1e9 / (System.nanoTime() - before);
        }
    }

    private int repeat(OnnxEncoder encoder, float[] images, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        int embedded = 0;
        do {
            encoder.embed(images, batch);
            embedded += batch;
        } while (System.nanoTime() < end);
        return embedded;
    }

    static byte[] network(String release) throws IOException {
        return Release.open(release).network();
    }
}
