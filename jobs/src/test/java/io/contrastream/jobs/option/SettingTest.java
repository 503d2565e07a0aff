package io.contrastream.jobs.option;

import static org.apache.flink.configuration.ConfigOptions.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.jobs.learning.option.LearningJobSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT0.0005S, 500 µs",
        "PT0.02S, 20 ms",
        "PT1.5S, 1500 ms",
        "PT5S, 5 s",
        "PT1M, 1 min",
        "PT1M30S, 90 s",
        "PT90M, 90 min",
        "PT12H, 12 h",
        "PT24H, 1 d",
        "PT36H, 36 h"
    })
    void theDefaultOfADurationIsWrittenInTheLargestUnitInWhichItIsWhole(Duration duration, String text) {
        Setting<Duration> setting = new Setting<>(
                key("job.pause").durationType().defaultValue(duration), Allowed.durationFrom(Duration.ZERO, "0 s"));

        assertThat(setting.defaultText()).contains(text);
    }

    @Test
    void everyDefaultIsReadAsItIsWritten() {
        Stream.concat(LearningJobSettings.ALL.all().stream(), EmbeddingJobSettings.ALL.all().stream())
                .filter(setting -> setting.option().hasDefaultValue())
                .forEach(setting -> {
                    Map<String, String> written =
                            Map.of(setting.key(), setting.defaultText().orElseThrow());
                    assertThat(Configuration.fromMap(written).getOptional(setting.option()))
                            .as(setting.key())
                            .isEqualTo(Optional.of(setting.option().defaultValue()));
                });
    }
}
