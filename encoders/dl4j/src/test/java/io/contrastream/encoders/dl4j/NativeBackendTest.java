package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import org.junit.jupiter.api.Test;

final class NativeBackendTest {

    private static final EncoderSpec SPEC =
            EncoderSpec.of(Architecture.RESNET18_SLIM, Stem.CIFAR, new ImageShape(3, 32, 32), Normalization.CIFAR100);

    @Test
    void memoryThatJavaCppRefusesIsTheEncodersWhateverItIsWrappedIn() {
        OutOfMemoryError error = new OutOfMemoryError("Cannot allocate new LongPointer(2): physicalBytes = 901M");
        error.initCause(new OutOfMemoryError("physicalBytes (901M) > maxPhysicalBytes (900M)"));
        RuntimeException wrapped = new RuntimeException("Error during backpropagation", error);

        assertThat(NativeBackend.failure(wrapped, "training on 7 views", SPEC))
                .hasMessage("there is not enough memory for training on 7 views (resnet18-slim of width 20, 3x32x32"
                        + " pixels): physicalBytes (901M) > maxPhysicalBytes (900M)");
    }

    @Test
    void memoryOfTheJavaHeapIsNot() {
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");

        assertThatThrownBy(() -> NativeBackend.failure(error, "training", SPEC)).isSameAs(error);
    }

    @Test
    void otherFailuresArePassedOn() {
        RuntimeException failure = new IllegalArgumentException("train takes at least two views");

        assertThat(NativeBackend.failure(failure, "training", SPEC)).isSameAs(failure);
    }
}
