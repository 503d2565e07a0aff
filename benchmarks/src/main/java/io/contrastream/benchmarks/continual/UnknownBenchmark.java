package io.contrastream.benchmarks.continual;

import io.contrastream.embedding.Nearest;
import io.contrastream.embedding.ReleasedEncoder;
import io.contrastream.embedding.Strangeness;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.release.Releases;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/**
 * Teaches some classes, releases the encoder as a job does, and asks the release about test images of these classes and of others.
 *
 * @param taught the classes to learn
 * @param strangers labels of the classes that are not taught
 * @param rate of false alarms that is allowed, in (0, 1)
 * @param releases URI of a directory for the release
 */
record UnknownBenchmark(ClassStages taught, List<String> strangers, LearnOptions learn, double rate, String releases) {

    private static final int CHUNK = 32;
    private static final long CHECKPOINT = 1;

    /**
     * Figures of one release.
     *
     * @param trained images that were learned, held-out ones included
     * @param heldOut images of memory that the thresholds are from
     * @param known test images of the taught classes
     * @param accuracy share of these whose nearest prototype is that of their class
     * @param byStrangeness as the embedding job judges
     * @param bySimilarity by the similarity to the nearest prototype alone
     */
    record Result(
            int trained,
            int heldOut,
            int known,
            double accuracy,
            UnknownFigures byStrangeness,
            UnknownFigures bySimilarity) {}

    /** @throws IllegalStateException if the encoder is not released */
    Result run(Learner learner, Encoder encoder) throws IOException {
        int trained = learn(learner);
        double[] distances = learner.survey().heldOut().stream()
                .mapToDouble(UnknownBenchmark::distance)
                .toArray();
        try (ReleasedEncoder released = ReleasedEncoder.load(
                release(learner, encoder),
                learn.encoder().input(),
                learn.device().threads())) {
            double threshold = released.threshold(rate);
            if (Double.isInfinite(threshold)) {
                throw new IllegalStateException(
                        distances.length + " held-out images in memory are too few for a rate of " + rate
                                + " of false alarms: raise --held-out-share or --memory, or the rate");
            }
            List<double[]> knownStrangeness = new ArrayList<>();
            List<double[]> knownDistance = new ArrayList<>();
            int right = 0;
            for (String label : taught.order()) {
                List<Nearest> nearest = nearest(released, taught.test(label));
                knownStrangeness.add(strangeness(nearest));
                knownDistance.add(distances(nearest));
                right += (int) nearest.stream()
                        .map(Nearest::first)
                        .filter(one -> one.label().equals(label))
                        .count();
            }
            List<Nearest> others = new ArrayList<>();
            for (String label : strangers) {
                others.addAll(nearest(released, taught.test(label)));
            }
            int known = knownDistance.stream().mapToInt(of -> of.length).sum();
            return new Result(
                    trained,
                    distances.length,
                    known,
                    (double) right / known,
                    UnknownFigures.of(knownStrangeness, strangeness(others), threshold),
                    UnknownFigures.of(knownDistance, distances(others), Strangeness.threshold(distances, rate)));
        }
    }

    private int learn(Learner learner) {
        int trained = 0;
        int batch = learn.learner().batchSize();
        for (int stage = 0; stage < taught.parts(); stage++) {
            List<Example> images = taught.train(stage);
            for (int first = 0; first < images.size(); first += batch) {
                learner.learn(images.subList(first, Math.min(images.size(), first + batch)));
            }
            trained += images.size();
        }
        return trained;
    }

    private EncoderRelease release(Learner learner, Encoder encoder) {
        Releases maker = new Releases(
                new ReleaseOptions(releases, 1, Duration.ZERO, 0, 1, Map.of()),
                learn.model(),
                learn.encoder(),
                learn.device().threads(),
                new UnregisteredMetricsGroup());
        maker.learned(encoder.step() - 1, learner, encoder, System.currentTimeMillis());
        maker.snapshot(CHECKPOINT);
        return maker.completed(CHECKPOINT).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the encoder is not released: " + maker.refusal()));
    }

    private List<Nearest> nearest(ReleasedEncoder released, List<Example> images) throws IOException {
        ImageShape shape = learn.encoder().input();
        List<Nearest> nearest = new ArrayList<>();
        for (int first = 0; first < images.size(); first += CHUNK) {
            int n = Math.min(CHUNK, images.size() - first);
            float[] pixels = new float[n * shape.size()]; // [n, C, H, W]
            for (int i = 0; i < n; i++) {
                Pixels.toUnit(images.get(first + i).pixels(), pixels, i * shape.size());
            }
            float[] rows = released.embed(pixels, n); // [n, D]
            IntStream.range(0, n).mapToObj(i -> released.nearest(rows, i, 1)).forEach(nearest::add);
        }
        return nearest;
    }

    private static double[] strangeness(List<Nearest> nearest) {
        return nearest.stream().mapToDouble(Nearest::strangeness).toArray();
    }

    private static double[] distances(List<Nearest> nearest) {
        return nearest.stream()
                .map(Nearest::first)
                .mapToDouble(one -> 1 - one.similarity())
                .toArray();
    }

    private static double distance(Embedded image) {
        return 1 - image.similarity();
    }
}
