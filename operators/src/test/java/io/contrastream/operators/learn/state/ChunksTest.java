package io.contrastream.operators.learn.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunksTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 99, 100, 101, 250, 300})
    void readsWhatWasWrittenInArraysOfBoundedSize(int bytes) throws IOException {
        byte[] written = new byte[bytes];
        new Random(1).nextBytes(written);
        Chunks chunks = new Chunks(100);
        chunks.write(written);

        assertThat(chunks.arrays()).allSatisfy(array -> assertThat(array).hasSizeLessThanOrEqualTo(100));
        assertThat(Chunks.read(chunks.arrays()).readAllBytes()).isEqualTo(written);
    }

    @Test
    void readsNumbersAcrossTheBorderOfTwoArrays() throws IOException {
        Chunks chunks = new Chunks(5);
        try (DataOutputStream out = new DataOutputStream(chunks)) {
            out.writeLong(1L << 40);
            out.writeInt(7);
            out.writeUTF("text");
        }

        try (DataInputStream in = new DataInputStream(Chunks.read(chunks.arrays()))) {
            assertThat(in.readLong()).isEqualTo(1L << 40);
            assertThat(in.readInt()).isEqualTo(7);
            assertThat(in.readUTF()).isEqualTo("text");
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
