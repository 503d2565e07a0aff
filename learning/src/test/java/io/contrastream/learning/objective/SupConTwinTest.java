package io.contrastream.learning.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.GoldenLines;
import io.contrastream.learning.objective.SupCon.Variant;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SupConTwinTest {

    private static final int[] LABELS = {4, 1, 4, 2, 1, 4, 3, 1};

    private static double[][] unitRows(int rows, int size, long seed) {
        RandomStream random = RandomStream.of(seed, Purpose.GENERATE, 0, 0);
        double[][] z = new double[rows][size];
        for (double[] row : z) {
            double squares = 0;
            for (int k = 0; k < size; k++) {
                row[k] = random.nextGaussian();
                squares += row[k] * row[k];
            }
            for (int k = 0; k < size; k++) {
                row[k] /= Math.sqrt(squares);
            }
        }
        return z;
    }

    /** The formula as the paper prints it, term by term, without any care for overflow. */
    private static double naive(Variant variant, double temperature, double[][] z, int[] labels) {
        double sum = 0;
        int anchors = 0;
        for (int i = 0; i < z.length; i++) {
            double denominator = 0;
            for (int a = 0; a < z.length; a++) {
                if (a != i) {
                    denominator += Math.exp(dot(z[i], z[a]) / temperature);
                }
            }
            int positives = 0;
            double logarithms = 0;
            double shares = 0;
            for (int p = 0; p < z.length; p++) {
                if (p != i && labels[p] == labels[i]) {
                    double share = Math.exp(dot(z[i], z[p]) / temperature) / denominator;
                    positives++;
                    logarithms += Math.log(share);
                    shares += share;
                }
            }
            if (positives > 0) {
                anchors++;
                sum += variant == Variant.OUT ? -logarithms / positives : -Math.log(shares / positives);
            }
        }
        return anchors == 0 ? 0 : sum / anchors;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void equalsTheFormulaTermByTerm(Variant variant) {
        for (int seed = 0; seed < 20; seed++) {
            double[][] z = unitRows(LABELS.length, 5, seed);
            assertThat(new SupConTwin(variant, 0.1).of(z, LABELS).loss())
                    .isCloseTo(naive(variant, 0.1, z, LABELS), within(1e-12));
        }
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void theGradientIsThatOfFiniteDifferences(Variant variant) {
        double[][] z = unitRows(LABELS.length, 5, 1);
        SupConTwin loss = new SupConTwin(variant, 0.2);
        double[][] gradient = loss.of(z, LABELS).gradient();
        double h = 1e-6;
        for (double[] row : z) {
            for (int k = 0; k < row.length; k++) {
                double value = row[k];
                row[k] = value + h;
                double above = loss.of(z, LABELS).loss();
                row[k] = value - h;
                double below = loss.of(z, LABELS).loss();
                row[k] = value;
                int i = Arrays.asList(z).indexOf(row);
                assertThat(gradient[i][k]).isCloseTo((above - below) / (2 * h), within(1e-8));
            }
        }
    }

    @Test
    void equalsPyTorch() throws IOException {
        for (String[] cells : GoldenLines.of("supcon.csv")) {
            int[] labels = Arrays.stream(cells[2].split(" ", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            double[] z = numbers(cells[3]);
            double[] gradient = numbers(cells[5]);
            int size = z.length / labels.length;
            double[][] rows = new double[labels.length][];
            for (int i = 0; i < labels.length; i++) {
                rows[i] = Arrays.copyOfRange(z, i * size, (i + 1) * size);
            }

            SupConTwin.Value value =
                    new SupConTwin(Variant.valueOf(cells[0]), Double.parseDouble(cells[1])).of(rows, labels);

            assertThat(value.loss()).isCloseTo(Double.parseDouble(cells[4]), within(1e-10));
            for (int i = 0; i < z.length; i++) {
                assertThat(value.gradient()[i / size][i % size]).isCloseTo(gradient[i], within(1e-9));
            }
        }
    }

    private static double[] numbers(String cell) {
        return Arrays.stream(cell.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void theOrderOfTheRowsDoesNotMatter(Variant variant) {
        double[][] z = unitRows(LABELS.length, 5, 2);
        int[] order = {3, 7, 0, 2, 6, 1, 5, 4};
        double[][] shuffled = Arrays.stream(order).mapToObj(i -> z[i]).toArray(double[][]::new);
        int[] labels = Arrays.stream(order).map(i -> LABELS[i]).toArray();
        SupConTwin loss = new SupConTwin(variant, 0.1);

        SupConTwin.Value value = loss.of(shuffled, labels);

        assertThat(value.loss()).isCloseTo(loss.of(z, LABELS).loss(), within(1e-12));
        for (int i = 0; i < order.length; i++) {
            assertThat(value.gradient()[i]).containsExactly(loss.of(z, LABELS).gradient()[order[i]], within(1e-12));
        }
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void withoutAnyPositiveThereIsNoLossAndNoGradient(Variant variant) {
        SupConTwin.Value value = new SupConTwin(variant, 0.1).of(unitRows(3, 4, 1), new int[] {1, 2, 3});
        assertThat(value.loss()).isZero();
        assertThat(value.gradient()).isDeepEqualTo(new double[3][4]);
        assertThat(new SupConTwin(variant, 0.1).of(new double[0][], new int[0]).loss())
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void anAnchorWithoutPositivesCountsInNeitherSumNorMean(Variant variant) {
        double[][] z = unitRows(3, 4, 1);
        double mean = 0;
        for (int i = 0; i < 2; i++) {
            double own = Math.exp(dot(z[0], z[1]) / 0.1);
            mean -= Math.log(own / (own + Math.exp(dot(z[i], z[2]) / 0.1))) / 2;
        }
        assertThat(new SupConTwin(variant, 0.1).of(z, new int[] {1, 1, 2}).loss())
                .isCloseTo(mean, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void coincidingRowsOfOneClassGiveTheLogarithmOfTheirNumber(Variant variant) {
        double[][] z = {{1, 0}, {1, 0}, {1, 0}, {1, 0}};
        SupConTwin.Value value = new SupConTwin(variant, 0.1).of(z, new int[] {7, 7, 7, 7});
        assertThat(value.loss()).isCloseTo(Math.log(3), within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void aTinyTemperatureDoesNotOverflow(Variant variant) {
        SupConTwin.Value value = new SupConTwin(variant, 1e-4).of(unitRows(LABELS.length, 5, 3), LABELS);
        assertThat(value.loss()).isFinite().isPositive();
        assertThat(Arrays.stream(value.gradient()).flatMapToDouble(Arrays::stream))
                .allMatch(Double::isFinite);
    }

    @Test
    void theSumOutsideIsNeverBelowTheSumInside() {
        for (int seed = 0; seed < 20; seed++) {
            double[][] z = unitRows(LABELS.length, 5, seed);
            assertThat(new SupConTwin(Variant.OUT, 0.1).of(z, LABELS).loss())
                    .isGreaterThanOrEqualTo(
                            new SupConTwin(Variant.IN, 0.1).of(z, LABELS).loss());
        }
    }

    @Test
    void refusesWhatItCannotUse() {
        assertThatThrownBy(() -> new SupCon("projection", 0, Variant.OUT))
                .hasMessage("temperature must be above 0, but is 0.0");
        assertThatThrownBy(() -> new SupConTwin(Variant.OUT, 1).of(new double[2][3], new int[3]))
                .hasMessage("2 projections, but 3 labels");
    }
}
