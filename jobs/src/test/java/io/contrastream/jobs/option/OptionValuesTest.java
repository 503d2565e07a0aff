package io.contrastream.jobs.option;

import static org.apache.flink.configuration.ConfigOptions.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

/** With the options of a job that there is not. */
class OptionValuesTest {

    private static final Setting<String> NAME =
            new Setting<>(key("job.name").stringType().defaultValue("sorting"), Allowed.text("a word", "[a-z]+"));

    private static final Setting<Integer> BATCH_SIZE =
            new Setting<>(key("sorter.batch-size").intType().defaultValue(7), Allowed.wholeNumberIn(1, 9));

    private static final Settings SETTINGS = Settings.of(List.of(List.of(NAME), List.of(BATCH_SIZE)));

    @Test
    void aJobMayHaveADefaultOfItsOwnUnderAKeyThatJobsShare() {
        OptionValues values = new OptionValues(SETTINGS, new Configuration());

        assertThat(values.get(JobSettings.NAME)).isEqualTo("sorting");
        assertThat(values.get(BATCH_SIZE)).isEqualTo(7);
    }

    @Test
    void anOptionOfAnotherJobIsUnknown() {
        Configuration configuration = Configuration.fromMap(Map.of("learner.batch-size", "3", "job.parallelism", "2"));

        assertThatThrownBy(() -> new OptionValues(SETTINGS, configuration).throwIfInvalid(List.of()))
                .hasMessageContaining("there is no option learner.batch-size: did you mean sorter.batch-size?")
                .hasMessageContaining("there is no option job.parallelism");
    }

    @Test
    void twoOptionsOfOneKeyAreRefused() {
        assertThatThrownBy(() -> Settings.of(List.of(List.of(NAME), List.of(JobSettings.NAME))))
                .hasMessage("two options have the key job.name");
    }
}
