package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.network.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares an engine's arrays with a case's golden ones, and keeps the largest relative error of each kind. */
final class Errors {

    private final ParityCase golden;
    private final Map<String, Worst> worst = new LinkedHashMap<>();

    Errors(ParityCase golden) {
        this.golden = golden;
    }

    /** Rows that the case holds in full; each against its own norm. */
    void rows(String kind, float[] values, double bound) {
        int from = 0;
        for (Map.Entry<String, double[]> row : golden.values(kind).entrySet()) {
            double[] expected = row.getValue();
            double square = 0;
            double norm = 0;
            for (int i = 0; i < expected.length; i++) {
                double difference = values[from + i] - expected[i];
                square += difference * difference;
                norm += expected[i] * expected[i];
            }
            note(kind, new Worst(Math.sqrt(square / norm), bound, row.getKey()));
            from += expected.length;
        }
        assertThat(values).as(kind).hasSize(from);
    }

    /**
     * Arrays that the case holds a {@link Sketch} of: behind their norm, and the norm of the way that they went in training.
     *
     * @param ofNorm largest error relative to the norm
     * @param ofMoved largest error relative to the way
     */
    void arrays(String kind, List<Tensor> tensors, double ofNorm, double ofMoved) {
        distances(kind, tensors).forEach((array, distance) -> {
            double[] cells = golden.values(kind).get(array);
            note(kind, new Worst(distance / cells[0], ofNorm, array));
            note(kind + " of way", new Worst(distance / cells[1], ofMoved, array));
        });
    }

    /**
     * A gradient, of which the case holds {@link Sketch sketches}: every array against its own norm, or against 1e-3 of the whole
     * gradient's where that is larger. A batch normalisation takes away what a bias in front of it adds, so that the gradient of such
     * a bias can be a small rest of large numbers, known to no better than their rounding.
     */
    void gradient(String kind, List<Tensor> tensors, double bound) {
        Map<String, double[]> expected = golden.values(kind);
        double whole = Math.sqrt(expected.values().stream()
                .mapToDouble(cells -> cells[0] * cells[0])
                .sum());
        distances(kind, tensors)
                .forEach((array, distance) ->
                        note(kind, new Worst(distance / Math.max(expected.get(array)[0], 1e-3 * whole), bound, array)));
    }

    private Map<String, Double> distances(String kind, List<Tensor> tensors) {
        Map<String, Tensor> byName = tensors.stream().collect(Collectors.toMap(Tensor::name, Function.identity()));
        Map<String, double[]> expected = golden.values(kind);
        assertThat(byName.keySet()).as(kind).containsExactlyInAnyOrderElementsOf(expected.keySet());
        Map<String, Double> distances = new LinkedHashMap<>();
        expected.forEach((array, cells) -> {
            double[] products = Arrays.copyOfRange(cells, 2, cells.length);
            double[] found =
                    Sketch.of(byName.get(array).values(), products.length, golden.integer("seed"), distances.size());
            distances.put(array, Sketch.distance(found, products));
        });
        return distances;
    }

    private void note(String kind, Worst error) {
        worst.merge(kind, error, (one, other) -> one.value() >= other.value() ? one : other);
    }

    void requireWithinBounds() {
        assertThat(worst.entrySet())
                .allSatisfy(entry -> assertThat(entry.getValue().value())
                        .as("%s of %s", entry.getKey(), entry.getValue().array())
                        .isLessThanOrEqualTo(entry.getValue().bound()));
    }

    @Override
    public String toString() {
        return worst.entrySet().stream()
                .map(entry -> "%s %.1e (%s)"
                        .formatted(
                                entry.getKey(),
                                entry.getValue().value(),
                                entry.getValue().array()))
                .collect(Collectors.joining(", "));
    }

    private record Worst(double value, double bound, String array) {}
}
