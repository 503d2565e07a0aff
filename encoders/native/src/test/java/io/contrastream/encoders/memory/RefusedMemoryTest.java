package io.contrastream.encoders.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RefusedMemoryTest {

    private static final EncoderSpec SPEC =
            EncoderSpec.of(Architecture.RESNET18_SLIM, Stem.CIFAR, new ImageShape(3, 32, 32), Normalization.CIFAR100);

    @Test
    void memoryThatJavaCppRefusesIsTheEncodersWhateverItIsWrappedIn() {
        OutOfMemoryError error = new OutOfMemoryError("Cannot allocate new LongPointer(2): physicalBytes = 901M");
        error.initCause(new OutOfMemoryError("physicalBytes (901M) > maxPhysicalBytes (900M)"));
        RuntimeException wrapped = new RuntimeException("Error during backpropagation", error);

        assertThat(RefusedMemory.failure(wrapped, "training on 7 views", SPEC))
                .hasMessage("there is not enough memory for training on 7 views (resnet18-slim of width 20, 3x32x32"
                        + " pixels): physicalBytes (901M) > maxPhysicalBytes (900M)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.11 GiB",
                "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to"
                        + " allocate 4294967296 bytes. Error code 12 (Cannot allocate memory)"
            })
    void soIsMemoryThatLibTorchRefuses(String message) {
        assertThat(RefusedMemory.failure(new IllegalStateException(new RuntimeException(message)), "training", SPEC))
                .isInstanceOf(EncoderMemoryException.class)
                .hasMessageEndingWith(message);
    }

    @Test
    void memoryOfTheJavaHeapIsNot() {
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");

        assertThatThrownBy(() -> RefusedMemory.failure(error, "training", SPEC)).isSameAs(error);
    }

    @Test
    void otherFailuresArePassedOn() {
        RuntimeException failure = new IllegalArgumentException("train takes at least two views");

        assertThat(RefusedMemory.failure(failure, "training", SPEC)).isSameAs(failure);
    }
}
