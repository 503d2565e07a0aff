package io.contrastream.operators.learn.watch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignsOfLifeTest {

    @ParameterizedTest
    @CsvSource({
        "cpu, true, ''",
        "cpu, false, ''",
        "cuda:0, true, ', deterministic'",
        "cuda:1, false, ', not deterministic'"
    })
    void theFirstLineSaysWhetherAGpuEndsInTheSameBits(String device, boolean deterministic, String expected) {
        assertThat(SignsOfLife.algorithms(device, deterministic)).isEqualTo(expected);
    }
}
