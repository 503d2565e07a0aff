package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import org.junit.jupiter.api.Test;

/** Images with and without label. */
class ExampleDecoderTest {

    private static final DecodeOptions OPTIONS = new DecodeOptions(new ImageShape(3, 4, 4), 1 << 20, 1_000_000, 16);

    private final ExampleDecoder rejecting = new ExampleDecoder(OPTIONS);
    private final ExampleDecoder taking = new ExampleDecoder(OPTIONS, SingleObject.format(), Unlabelled.VIEWS);

    private static LabelledImage labelled(String label) {
        return Images.record("id", label, Images.png(Images.colour(4, 4, 1)), ImageEncoding.PNG, null, null);
    }

    @Test
    void anImageWithoutLabelIsRejectedUnlessItIsToBeLearnedFrom() throws Rejection {
        assertThatThrownBy(() -> rejecting.decode(labelled("")))
                .isInstanceOfSatisfying(
                        Rejection.class,
                        rejection -> assertThat(rejection.reason()).isEqualTo(RejectReason.INVALID_LABEL));

        Example example = taking.decode(labelled(""));

        assertThat(example.isLabelled()).isFalse();
        assertThat(example.pixels()).hasSize(48);
        taking.check(labelled(""));
    }

    @Test
    void aLabelThatNobodyCanSeeIsRejectedByBoth() {
        for (ExampleDecoder decoder : new ExampleDecoder[] {rejecting, taking}) {
            assertThatThrownBy(() -> decoder.decode(labelled(" \t"))).isInstanceOf(Rejection.class);
        }
    }
}
