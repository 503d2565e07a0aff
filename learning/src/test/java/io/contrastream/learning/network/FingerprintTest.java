package io.contrastream.learning.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.image.ImageShape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FingerprintTest {

    private static final String TEXT = EncoderSpec.of(
                    Architecture.RESNET18, Stem.CIFAR, new ImageShape(3, 32, 32), Normalization.CIFAR100)
            .fingerprint();

    @Test
    void aPropertyThatComesLaterMakesNoStrangerOfAnOlderStateWhileItHasItsDefault() {
        Map<String, String> later = Map.of("outputs", "features");
        Fingerprint before = Fingerprint.parse(TEXT, later);

        assertThat(Fingerprint.parse(TEXT + " outputs=features", later)).isEqualTo(before);
        assertThat(Fingerprint.parse(TEXT + " outputs=features", later)).hasToString(TEXT);
        Fingerprint other = Fingerprint.parse(TEXT + " outputs=stages", later);
        assertThat(other).isNotEqualTo(before);
        assertThat(other.differences(before)).containsExactly("outputs");
        assertThat(before.differences(other)).containsExactly("outputs");
    }

    @Test
    void aPropertyThatIsNotKnownAndEveryOneThatDiffersIsToldAndOrderIsNothing() {
        assertThat(Fingerprint.same("a=1 b=[2, 3]", "b=[2, 3] a=1")).isTrue();
        assertThat(Fingerprint.same("a=1 b=2", "a=1 b=2 c=3")).isFalse();
        assertThat(Fingerprint.parse("a=1 b=2 d=4").differences(Fingerprint.parse("a=2 b=2 c=3")))
                .containsExactly("a", "d", "c");
    }

    @Test
    void aTextOfThisVersionIsReadAndOneOfALaterVersionRefused() {
        assertThat(Fingerprint.same("version=1 " + TEXT, TEXT)).isTrue();
        assertThatThrownBy(() -> Fingerprint.parse("version=2 " + TEXT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has version 2, but only version 1 is known here");
    }

    @Test
    void aNetworkIsMadeOfItsFingerprint() {
        EncoderSpec spec = new EncoderSpec(
                Architecture.RESNET50,
                Stem.IMAGENET,
                7,
                new ImageShape(1, 24, 40),
                9,
                new Normalization(List.of(0.1f), List.of(0.25f)));

        assertThat(EncoderSpec.parse(spec.fingerprint())).isEqualTo(spec);
        assertThat(EncoderSpec.parse(TEXT).fingerprint()).isEqualTo(TEXT);
    }

    @Test
    void theKindOfEmbeddingIsWrittenWhereItIsNotTheUsualOne() {
        EncoderSpec spec = EncoderSpec.parse(TEXT);
        EncoderSpec mirrored = spec.withMirrorEmbedding(true);

        assertThat(spec.mirrorEmbedding()).isFalse();
        assertThat(EncoderSpec.parse(TEXT + " mirror-embedding=false")).isEqualTo(spec);
        assertThat(mirrored.fingerprint()).isEqualTo(TEXT + " mirror-embedding=true");
        assertThat(EncoderSpec.parse(mirrored.fingerprint())).isEqualTo(mirrored);
        assertThat(mirrored.withMirrorEmbedding(false)).isEqualTo(spec);
        assertThat(Fingerprint.same(TEXT, mirrored.fingerprint())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "' width=64'; ; it has no width",
                "resnet18; alexnet; unknown architecture 'alexnet', allowed: resnet18-slim, resnet18, resnet34, resnet50",
                "' width=64'; ' width=64 mirror-embedding=maybe'; 'maybe' is neither true nor false",
                "stem=; depth=2 stem=; it has [depth], which is not known here",
                "3x32x32; 32; an image shape is like 3x32x32, but '32' is not",
            })
    void aFingerprintOfNoNetworkKnownHereIsRefused(String what, String with, String problem) {
        String text = TEXT.replace(what, with == null ? "" : with);

        assertThatThrownBy(() -> EncoderSpec.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no network's fingerprint: [" + text + "]: " + problem);
    }
}
