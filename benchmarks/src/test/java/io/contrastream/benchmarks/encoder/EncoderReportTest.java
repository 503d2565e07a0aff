package io.contrastream.benchmarks.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class EncoderReportTest {

    /** From 1 to so many milliseconds, each once. */
    private static Timings timings(int most) {
        return Timings.of(
                LongStream.rangeClosed(1, most).mapToObj(i -> i * 1_000_000).toList());
    }

    @Test
    void mediansAndPercentilesAreThoseOfTheCalls() {
        EncoderSpec spec = new EncoderSpec(
                Architecture.RESNET18, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);

        JsonNode json = new EncoderReport()
                .with(spec, "sgd", 10)
                .measured(new EncoderBenchmark.Figures(timings(20), timings(100), 1.5f, OptionalLong.empty()))
                .node();

        assertThat(json.get("forward_ms").asDouble()).isEqualTo(10);
        assertThat(json.get("forward_ms_p95").asDouble()).isEqualTo(19);
        assertThat(json.get("forward_calls").asInt()).isEqualTo(20);
        assertThat(json.get("train_ms").asDouble()).isEqualTo(50);
        assertThat(json.get("train_ms_p95").asDouble()).isEqualTo(95);
        assertThat(json.get("train_images_per_second").asDouble()).isEqualTo(200);
    }
}
