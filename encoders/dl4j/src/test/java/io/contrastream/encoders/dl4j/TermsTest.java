package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.parity.Terms;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.CrossEntropyTwin;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.DistillTwin;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.ProxyTwin;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.SupConTwin;
import io.contrastream.learning.objective.Twins;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every lowering of a term against its twin in double precision. */
class TermsTest {

    @BeforeAll
    static void start() {
        NativeBackend.start(TestDevice.OPTIONS);
    }

    private static INDArray matrix(double[][] rows) {
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, rows.length, rows[0].length);
        Transfer.put(Terms.flat(rows), array);
        return array;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @ParameterizedTest
    @CsvSource({"OUT, 0.1, 3", "OUT, 0.005, 3", "OUT, 0.5, 100", "IN, 0.1, 3", "IN, 0.005, 3", "IN, 0.5, 100"})
    void theContrastiveLossIsThatOfItsTwin(SupCon.Variant variant, double temperature, int classes) {
        Terms.labellings(24, classes).forEach(labels -> contrastive(variant, temperature, classes, labels));
    }

    private static void contrastive(SupCon.Variant variant, double temperature, int classes, LabelSets labels) {
        double[][] z = Terms.unitRows(24, 7, classes);
        SupConTwin.Value expected = new SupConTwin(variant, temperature).of(z, Twins.sets(labels));
        try (Kernels kernels = new Kernels()) {
            double[] gradient = new double[24 * 7];
            double loss = new SupConTerm(new SupCon("projection", temperature, variant), kernels)
                    .add(matrix(z), labels, gradient);
            assertThat(loss).isCloseTo(expected.loss(), within(1e-5 * (1 + expected.loss())));
            Terms.assertClose(floats(gradient), expected.gradient());
        }
    }

    private static CrossEntropyTwin.Value twin(
            CrossEntropy.Scope scope, double[][] h, ViewFacts facts, List<Tensor> arrays) {
        CrossEntropyTwin twin = new CrossEntropyTwin(0.7);
        double[][] weights = Terms.rows(arrays.get(0));
        double[] biases = Terms.doubles(arrays.get(1));
        return scope == CrossEntropy.Scope.JOINT
                ? twin.of(h, Twins.sets(facts.labelSets()), weights, biases)
                : twin.apart(h, Twins.sets(facts.labelSets()), facts.fresh(), weights, biases);
    }

    @ParameterizedTest
    @CsvSource({"1, 24", "5, 24", "16, 24", "17, 24", "40, 24", "1, 4", "5, 4", "17, 0", "40, 4"})
    void theCrossEntropyIsThatOfItsTwin(int classes, int fresh) {
        for (LabelSets labels : Terms.labellings(24, classes)) {
            crossEntropy(classes, Terms.facts(labels, fresh));
        }
    }

    private static void crossEntropy(int classes, ViewFacts facts) {
        for (CrossEntropy.Scope scope : CrossEntropy.Scope.values()) {
            double[][] h = Terms.unitRows(24, 7, 1);
            UpdateRule rule = new UpdateRule(OptimizerOptions.adam(1e-3, 0));
            try (Kernels kernels = new Kernels();
                    ClassifierHead head = new ClassifierHead(rule, DataType.FLOAT, false)) {
                head.grow(1, 7, 3);
                head.grow(classes, 7, 3);
                List<Tensor> arrays = Terms.withBiases(head.read(1));
                head.write(arrays, List.of());
                CrossEntropyTwin.Value expected = twin(scope, h, facts, arrays);
                double[] gradient = new double[24 * 7];
                double loss = new CrossEntropyTerm(new CrossEntropy("features", 0.7, 3, scope), kernels)
                        .add(matrix(h), facts, head, gradient);
                assertThat(loss).isCloseTo(expected.loss(), within(1e-5));
                Terms.assertClose(floats(gradient), expected.ofRows());
                List<Tensor> gradients = head.readGradients();
                Terms.assertClose(gradients.get(0).values(), expected.ofWeights());
                Terms.assertClose(gradients.get(1).values(), new double[][] {expected.ofBiases()});
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0.07", "5, 0.07", "16, 0.5", "17, 0.005", "40, 0.07"})
    void theProxyLossIsThatOfItsTwin(int classes, double temperature) {
        Terms.labellings(24, classes).forEach(labels -> proxy(classes, temperature, labels));
    }

    private static void proxy(int classes, double temperature, LabelSets labels) {
        double[][] z = Terms.unitRows(24, 7, 1);
        UpdateRule rule = new UpdateRule(OptimizerOptions.adam(1e-3, 0));
        try (Kernels kernels = new Kernels();
                ProxyHead head = new ProxyHead(rule, DataType.FLOAT)) {
            head.grow(1, 7, 3);
            head.grow(classes, 7, 3);
            ProxyTwin.Value expected = new ProxyTwin(temperature, 0.7)
                    .of(z, Twins.sets(labels), Terms.rows(head.read(0).get(0)));
            double[] gradient = new double[24 * 7];
            double loss = new ProxyTerm(new Proxy("features", temperature, 0.7, 3), kernels)
                    .add(matrix(z), labels, head, gradient);
            assertThat(loss).isCloseTo(expected.loss(), within(1e-5 * (1 + expected.loss())));
            Terms.assertClose(floats(gradient), expected.ofRows());
            Terms.assertClose(head.readGradients().get(0).values(), expected.ofVectors());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 17, 40})
    void theDistillationIsThatOfItsTwin(int classes) {
        Terms.labellings(24, classes).forEach(labels -> distillation(classes, labels));
    }

    private static void distillation(int classes, LabelSets labels) {
        double[][] h = Terms.unitRows(24, 7, 1);
        UpdateRule rule = new UpdateRule(OptimizerOptions.adam(1e-3, 0));
        try (Kernels kernels = new Kernels();
                ClassifierHead head = new ClassifierHead(rule, DataType.FLOAT, true)) {
            head.grow(classes, 7, 3);
            List<Tensor> arrays = Terms.withBiases(head.read(0));
            head.write(arrays.subList(0, 2), arrays.subList(2, 4));
            double[][] answers = Terms.answers(24, classes, Classifier.capacity(classes));
            CrossEntropyTwin.Value expected = new DistillTwin(2.5, 0.7)
                    .of(
                            h,
                            labels.first(),
                            Terms.columns(answers, classes),
                            Terms.rows(arrays.get(0)),
                            Terms.doubles(arrays.get(1)));
            double[] gradient = new double[24 * 7];
            double loss = new DistillTerm(new Distill("features", 2.5, 0.7), kernels)
                    .add(
                            matrix(h),
                            labels.first(),
                            Arrays.stream(answers)
                                    .flatMapToDouble(Arrays::stream)
                                    .toArray(),
                            head,
                            gradient);
            assertThat(loss).isCloseTo(expected.loss(), within(1e-5 * (1 + expected.loss())));
            Terms.assertClose(floats(gradient), expected.ofRows());
            List<Tensor> gradients = head.readGradients();
            Terms.assertClose(gradients.get(0).values(), expected.ofWeights());
            Terms.assertClose(gradients.get(1).values(), new double[][] {expected.ofBiases()});
        }
    }
}
