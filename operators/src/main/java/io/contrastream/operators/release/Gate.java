package io.contrastream.operators.release;

import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.Survey;
import io.contrastream.releases.folder.Release;
import io.contrastream.schemas.ClassPrototype;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether an encoder may be released. */
final class Gate {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    /** Images of memory on which the exported network is held against the engine. */
    private static final int COMPARED = 64;

    /** Images that are embedded at a time. */
    private static final int CHUNK = 32;

    private final ReleaseOptions options;
    private final ImageShape shape;
    private final int threads;

    Gate(ReleaseOptions options, ImageShape shape, int threads) {
        this.options = options;
        this.shape = shape;
        this.threads = threads;
    }

    /**
     * Why a candidate is refused.
     *
     * @param network the exported model
     * @param precision of the engine
     * @param survey memory under the engine's encoder
     * @param last the release before it, if there is one
     * @return empty if it is not refused
     */
    Optional<String> refusal(byte[] network, Precision precision, Survey survey, Optional<String> last)
            throws IOException {
        if (survey.prototypes().isEmpty()) {
            return Optional.of("memory has no image that a prototype could be made of");
        }
        double difference = difference(network, survey);
        double allowed = options.maxDifference(precision);
        // Also if it is not a number.
        if (!(difference <= allowed)) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the exported network's embeddings differ from the engine's, which works in %s, by %.2g, but at most"
                            + " %.2g is allowed",
                    precision,
                    difference,
                    allowed));
        }
        OptionalDouble before = last.isEmpty() || survey.heldOut().isEmpty()
                ? OptionalDouble.empty()
                : accuracy(last.get(), survey.heldOut());
        if (before.isPresent() && survey.heldOutAccuracy() < before.getAsDouble() - options.maxAccuracyLoss()) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "its accuracy on %d held-out images is %.4f, but that of the last release, %s, is %.4f,"
                            + " and at most %.4f may be lost",
                    survey.heldOut().size(),
                    survey.heldOutAccuracy(),
                    last.get(),
                    before.getAsDouble(),
                    options.maxAccuracyLoss()));
        }
        return Optional.empty();
    }

    /** The largest difference of a component. */
    private double difference(byte[] network, Survey survey) throws IOException {
        List<Embedded> memory = Stream.concat(survey.trained().stream(), survey.heldOut().stream())
                .toList();
        int step = Math.max(1, memory.size() / COMPARED);
        List<Embedded> compared = IntStream.iterate(0, i -> i < memory.size(), i -> i + step)
                .limit(COMPARED)
                .mapToObj(memory::get)
                .toList();
        double largest = 0;
        try (OnnxEncoder encoder = new OnnxEncoder(network, shape, threads)) {
            float[][] rows = embed(encoder, compared);
            for (int i = 0; i < rows.length; i++) {
                float[] expected = compared.get(i).embedding();
                for (int k = 0; k < expected.length; k++) {
                    double difference = Math.abs((double) rows[i][k] - expected[k]);
                    largest = Double.isNaN(difference) ? difference : Math.max(largest, difference);
                }
            }
        }
        return largest;
    }

    /** The accuracy that a release has on the images, with its own prototypes; empty if it cannot be used any more. */
    private OptionalDouble accuracy(String uri, List<Embedded> images) {
        try {
            Release release = Release.open(uri);
            List<ClassPrototype> prototypes = release.prototypes();
            try (OnnxEncoder encoder = new OnnxEncoder(release.network(), shape, threads)) {
                float[][] rows = embed(encoder, images);
                int right = 0;
                for (int i = 0; i < rows.length; i++) {
                    right += images.get(i).example().labels().contains(nearest(prototypes, rows[i])) ? 1 : 0;
                }
                return OptionalDouble.of((double) right / rows.length);
            }
        } catch (IOException e) {
            LOG.warn("The last release cannot be compared with: {}", Reason.of(e), e);
            return OptionalDouble.empty();
        }
    }

    private static String nearest(List<ClassPrototype> prototypes, float[] embedding) {
        String nearest = "";
        double highest = Double.NEGATIVE_INFINITY;
        for (ClassPrototype prototype : prototypes) {
            double similarity = 0;
            for (int k = 0; k < embedding.length; k++) {
                similarity += prototype.getVector().get(k) * embedding[k];
            }
            if (similarity > highest) {
                highest = similarity;
                nearest = prototype.getLabel();
            }
        }
        return nearest;
    }

    private float[][] embed(OnnxEncoder encoder, List<Embedded> images) throws IOException {
        float[][] rows = new float[images.size()][];
        for (int from = 0; from < rows.length; from += CHUNK) {
            int n = Math.min(CHUNK, rows.length - from);
            float[] chunk = new float[n * shape.size()];
            for (int i = 0; i < n; i++) {
                Pixels.toUnit(images.get(from + i).example().pixels(), chunk, i * shape.size());
            }
            float[] embeddings = encoder.embed(chunk, n);
            int size = embeddings.length / n;
            for (int i = 0; i < n; i++) {
                rows[from + i] = Arrays.copyOfRange(embeddings, i * size, (i + 1) * size);
            }
        }
        return rows;
    }
}
