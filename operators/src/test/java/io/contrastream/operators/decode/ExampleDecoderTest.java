package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Images with and without label. */
class ExampleDecoderTest {

    private static final DecodeOptions OPTIONS = new DecodeOptions(new ImageShape(3, 4, 4), 1 << 20, 1_000_000, 16);

    private final ExampleDecoder rejecting = new ExampleDecoder(OPTIONS);
    private final ExampleDecoder taking =
            new ExampleDecoder(OPTIONS, SingleObject.format(), Unlabelled.VIEWS, SeveralLabels.LEARN);

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

    private static LabelledImage labelled(String label, String... further) {
        LabelledImage image = labelled(label);
        image.setFurtherLabels(List.of(further));
        return image;
    }

    @Test
    void anImageWithSeveralLabelsIsRejectedUnlessItIsToBeLearnedFrom() throws Rejection {
        assertThatThrownBy(() -> rejecting.decode(labelled("cat", "pet", "indoors")))
                .isInstanceOfSatisfying(
                        Rejection.class,
                        rejection -> assertThat(rejection.reason()).isEqualTo(RejectReason.INVALID_LABEL))
                .hasMessage(
                        "the image has 3 labels; set learner.several-labels to learn to have such images learned from");

        Example example = taking.decode(SingleObject.encode(labelled("cat", "pet", "indoors")));

        assertThat(example.labels()).containsExactly("cat", "pet", "indoors");
        assertThat(example.label()).isEqualTo("cat");
    }

    @Test
    void labelsThatAreNoneOrTheSameOrTooManyAreRejectedByBoth() {
        String[] many = IntStream.range(0, Names.MOST_LABELS)
                .mapToObj(i -> "label-" + i)
                .toArray(String[]::new);
        for (ExampleDecoder decoder : new ExampleDecoder[] {rejecting, taking}) {
            assertRejected(decoder, labelled("cat", "cat"), "label 'cat' is there twice");
            assertRejected(decoder, labelled("cat", "pet", "pet"), "label 'pet' is there twice");
            assertRejected(decoder, labelled("cat", ""), "label is empty");
            assertRejected(decoder, labelled("cat", "\t"), "no label");
            assertRejected(decoder, labelled("", "cat"), "label is empty");
            assertRejected(decoder, labelled("cat", many), "the image has 17 labels; at most 16 are allowed");
        }
    }

    private static void assertRejected(ExampleDecoder decoder, LabelledImage image, String message) {
        assertThatThrownBy(() -> decoder.decode(image))
                .isInstanceOfSatisfying(
                        Rejection.class,
                        rejection -> assertThat(rejection.reason()).isEqualTo(RejectReason.INVALID_LABEL))
                .hasMessageContaining(message);
    }

    @Test
    void aLabelThatNobodyCanSeeIsRejectedByBoth() {
        for (ExampleDecoder decoder : new ExampleDecoder[] {rejecting, taking}) {
            assertThatThrownBy(() -> decoder.decode(labelled(" \t"))).isInstanceOf(Rejection.class);
        }
    }
}
