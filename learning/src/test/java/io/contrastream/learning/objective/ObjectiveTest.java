package io.contrastream.learning.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.objective.SupCon.Variant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectiveTest {

    private static final SupCon CONTRASTIVE = new SupCon("projection", 0.1, Variant.OUT);
    private static final CrossEntropy CLASSIFIED = new CrossEntropy("features", 1, 0);

    @Test
    void aSumHasTheTermsOfAllItsParts() {
        assertThat(Sum.of(Sum.of(CONTRASTIVE, CLASSIFIED), CONTRASTIVE).terms())
                .containsExactly(CONTRASTIVE, CLASSIFIED, CONTRASTIVE);
    }

    @Test
    void whatNoEngineCanLowerIsRefused() {
        assertThatThrownBy(() -> Sum.of(CLASSIFIED, Sum.of(CLASSIFIED)))
                .hasMessage("an encoder has one classifier, but the sum has 2 cross-entropies");
        assertThatThrownBy(() -> new Sum(List.of())).hasMessage("a sum needs at least one part");
        assertThatThrownBy(() -> new CrossEntropy("features", 0, 0))
                .hasMessage("weight of the cross-entropy must be above 0, but is 0.0");
        assertThatThrownBy(() -> new SupCon("projection", Double.NaN, Variant.IN))
                .hasMessage("temperature must be above 0, but is NaN");
        assertThatThrownBy(() -> new SupCon("projection", 0.1, Variant.IN, 0))
                .hasMessage("weight of the contrastive loss must be above 0, but is 0.0");
    }

    @Test
    void aDistillationNeedsAClassifierOfTheSameOutputAndAverages() {
        Distill distillation = new Distill("features", 4, 5.5);
        Sum.of(CLASSIFIED, distillation).requireTeacher(true);
        Sum.of(CONTRASTIVE, CLASSIFIED).requireTeacher(false);
        assertThatThrownBy(() -> Sum.of(CLASSIFIED, distillation).requireTeacher(false))
                .hasMessage("distillation is from averages of the weights, but there are none");
        assertThatThrownBy(() ->
                        Sum.of(CLASSIFIED, new Distill("projection", 4, 1)).requireTeacher(true))
                .hasMessage("distillation is of a classifier's answers, but there is no cross-entropy of the output"
                        + " projection");
        assertThatThrownBy(() -> Sum.of(distillation, distillation))
                .hasMessage("an encoder has one classifier, but the sum has 2 distillations");
        assertThatThrownBy(() -> new Distill("features", 0, 1))
                .hasMessage("temperature of the distillation must be above 0, but is 0.0");
        assertThatThrownBy(() -> new Distill("features", 4, Double.NaN))
                .hasMessage("weight of the distillation must be above 0, but is NaN");
    }

    @Test
    void aProxyLossHasOneSetOfClassVectorsAndStartsThemByTheirNumbersAlone() {
        Proxy proxy = new Proxy("features", 0.07, 1, 3);
        assertThat(Sum.of(CLASSIFIED, proxy).proxy()).contains(proxy);
        assertThat(CLASSIFIED.proxy()).isEmpty();
        assertThatThrownBy(() -> Sum.of(proxy, Sum.of(CLASSIFIED, proxy)))
                .hasMessage("an encoder has one set of class vectors, but the sum has 2 proxy losses");
        assertThatThrownBy(() -> new Proxy("features", 0, 1, 3))
                .hasMessage("temperature of the proxy loss must be above 0, but is 0.0");
        assertThatThrownBy(() -> new Proxy("features", 0.07, Double.NaN, 3))
                .hasMessage("weight of the proxy loss must be above 0, but is NaN");
        float[] five = Proxies.initial(3, 0, 5, 7);
        assertThat(Proxies.initial(3, 2, 2, 7)).isEqualTo(Arrays.copyOfRange(five, 14, 28));
        assertThat(Proxies.initial(4, 0, 5, 7)).isNotEqualTo(five);
    }

    @Test
    void aClassifierDoublesItsRoomAndStartsAClassFromItsNumberAlone() {
        assertThat(new int[] {
                    Classifier.capacity(0),
                    Classifier.capacity(16),
                    Classifier.capacity(17),
                    Classifier.capacity(32),
                    Classifier.capacity(100)
                })
                .containsExactly(16, 16, 32, 32, 128);
        float[] five = Classifier.initialWeights(3, 0, 5, 7);
        assertThat(Classifier.initialWeights(3, 2, 2, 7)).isEqualTo(Arrays.copyOfRange(five, 14, 28));
        assertThat(Classifier.grown(3, new int[] {0, 6, 2})).isEqualTo(7);
        assertThat(Classifier.grown(3, new int[] {0, 1})).isEqualTo(3);
    }
}
