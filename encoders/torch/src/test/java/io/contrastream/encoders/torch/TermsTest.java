package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.encoders.parity.Terms;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.CrossEntropyTwin;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.SupConTwin;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every lowering of a term against its twin in double precision. */
class TermsTest {

    private static final Target TARGET = Target.start(new DeviceOptions("cpu", 1, 0));

    private static org.bytedeco.pytorch.Tensor matrix(double[][] rows) {
        org.bytedeco.pytorch.Tensor tensor = Native.zeros("cpu", ScalarType.Float, rows.length, rows[0].length);
        tensor.data_ptr_float().put(Terms.flat(rows));
        return tensor;
    }

    @ParameterizedTest
    @CsvSource({"OUT, 0.1, 3", "OUT, 0.005, 3", "OUT, 0.5, 100", "IN, 0.1, 3", "IN, 0.005, 3", "IN, 0.5, 100"})
    void theContrastiveLossIsThatOfItsTwin(SupCon.Variant variant, double temperature, int classes) {
        double[][] z = Terms.unitRows(24, 7, classes);
        int[] labels = Terms.labels(24, classes);
        SupConTwin.Value expected = new SupConTwin(variant, temperature).of(z, labels);
        try (PointerScope scope = new PointerScope()) {
            SupConLoss loss =
                    SupConLoss.of(matrix(z), Native.integers(labels), new SupCon("projection", temperature, variant));
            assertThat((double) loss.loss().item_float())
                    .isCloseTo(expected.loss(), within(1e-5 * (1 + expected.loss())));
            Terms.assertClose(Native.floats(loss.gradient()), expected.gradient());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 17, 40})
    void theCrossEntropyIsThatOfItsTwin(int classes) {
        double[][] h = Terms.unitRows(24, 7, 1);
        int[] labels = Terms.labels(24, classes);
        try (PointerScope scope = new PointerScope();
                ClassifierHead head = new ClassifierHead(OptimizerOptions.adam(1e-3, 0), TARGET)) {
            head.grow(1, 7, 3);
            head.grow(classes, 7, 3);
            List<Tensor> arrays = Terms.withBiases(head.read(1));
            head.write(arrays);
            CrossEntropyTwin.Value expected =
                    new CrossEntropyTwin(0.7).of(h, labels, Terms.rows(arrays.get(0)), Terms.doubles(arrays.get(1)));
            CrossEntropyLoss loss = CrossEntropyLoss.of(matrix(h), Native.integers(labels), 0.7, head);
            assertThat((double) loss.loss().item_float()).isCloseTo(expected.loss(), within(1e-5));
            Terms.assertClose(Native.floats(loss.gradient()), expected.ofRows());
            List<Tensor> gradients = head.readGradients();
            Terms.assertClose(gradients.get(0).values(), expected.ofWeights());
            Terms.assertClose(gradients.get(1).values(), new double[][] {expected.ofBiases()});
        }
    }
}
