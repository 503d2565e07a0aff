package io.contrastream.benchmarks.continual;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How many test images were classified right after each of T stages of learning, by the stage that brought their class. With
 * a(i, j) the accuracy on the test images of stage j's classes after stage i, j ≤ i, stages counted from 0.
 *
 * @param images [T], test images of the classes of every stage, at least 1
 * @param right [T][], row i has what was right after stage i, of stages 0 to i
 */
record AccuracyMatrix(List<Integer> images, List<List<Integer>> right) {

    /** @throws IllegalArgumentException if it is empty or not a lower triangle of counts in their range */
    AccuracyMatrix {
        images = List.copyOf(images);
        right = right.stream().map(List::copyOf).toList();
        if (images.isEmpty() || right.size() != images.size()) {
            throw new IllegalArgumentException("there must be at least 1 stage, and a row for each of the "
                    + images.size() + ", but there are " + right.size() + " rows");
        }
        for (int i = 0; i < right.size(); i++) {
            if (right.get(i).size() != i + 1) {
                throw new IllegalArgumentException("row " + i + " must have " + (i + 1) + " entries, but has "
                        + right.get(i).size());
            }
            for (int j = 0; j <= i; j++) {
                if (right.get(i).get(j) < 0 || right.get(i).get(j) > images.get(j)) {
                    throw new IllegalArgumentException("entry " + j + " of row " + i + " must be in [0, "
                            + images.get(j) + "], but is " + right.get(i).get(j));
                }
            }
        }
    }

    int stages() {
        return images.size();
    }

    /** a(i, j): on the classes of stage {@code of}, after stage {@code after}. */
    double accuracy(int after, int of) {
        return (double) right.get(after).get(of) / images.get(of);
    }

    /** A(i): on all classes seen up to stage {@code after}, every test image counting the same. */
    double accuracy(int after) {
        return (double) sum(right.get(after)) / sum(images.subList(0, after + 1));
    }

    /** End accuracy, A(T - 1). */
    double end() {
        return accuracy(stages() - 1);
    }

    /** Average incremental accuracy, the mean of A(i) over all stages (Rebuffi et al. 2017, iCaRL). */
    double average() {
        return IntStream.range(0, stages())
                .mapToDouble(this::accuracy)
                .average()
                .orElseThrow();
    }

    /**
     * Forgetting at the end: the mean over j < T - 1 of max a(l, j) - a(T - 1, j), the maximum over j ≤ l < T - 1 (Chaudhry et al.
     * 2018, <i>Riemannian Walk</i>, section 3). In [-1, 1]; below 0 if later stages have helped. Not defined for one stage.
     */
    OptionalDouble forgetting() {
        int last = stages() - 1;
        return meanOfEarlier(j -> IntStream.range(j, last)
                        .mapToDouble(after -> accuracy(after, j))
                        .max()
                        .orElseThrow()
                - accuracy(last, j));
    }

    /**
     * Backward transfer: the mean over j < T - 1 of a(T - 1, j) - a(j, j) (Lopez-Paz and Ranzato 2017, <i>Gradient Episodic
     * Memory</i>, equation 3). In [-1, 1]; below 0 if later stages have harmed. Not defined for one stage.
     */
    OptionalDouble backwardTransfer() {
        return meanOfEarlier(j -> accuracy(stages() - 1, j) - accuracy(j, j));
    }

    private OptionalDouble meanOfEarlier(IntToDoubleFunction ofStage) {
        return IntStream.range(0, stages() - 1).mapToDouble(ofStage).average();
    }

    private static int sum(List<Integer> counts) {
        return counts.stream().mapToInt(Integer::intValue).sum();
    }
}
