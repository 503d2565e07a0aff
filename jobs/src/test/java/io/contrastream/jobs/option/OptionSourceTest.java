package io.contrastream.jobs.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionSourceTest {

    @TempDir
    Path folder;

    @Test
    void readsDottedKeysAndNestedMapsAlike() throws IOException {
        OptionSource source = file("""
                learner.batch-size: 4
                learner:
                  replay:
                    capacity: 50
                kafka.properties:
                  security.protocol: SSL
                encoder.normalization.mean: [0.5, 0.25]
                augment.first-view-plain: false
                """);

        assertThat(source.problems()).isEmpty();
        assertThat(source.configuration().toMap())
                .containsOnly(
                        entry("learner.batch-size", "4"),
                        entry("learner.replay.capacity", "50"),
                        entry("kafka.properties.security.protocol", "SSL"),
                        entry("encoder.normalization.mean", "[0.5, 0.25]"),
                        entry("augment.first-view-plain", "false"));
    }

    @Test
    void letsArgumentsWinOverTheFile() throws IOException {
        OptionSource source = file("learner.batch-size: 4\nlearner.seed: 7\n", "--learner.batch-size", "5");

        assertThat(source.problems()).isEmpty();
        assertThat(source.configuration().toMap())
                .containsOnly(entry("learner.batch-size", "5"), entry("learner.seed", "7"));
    }

    @Test
    void takesValuesBehindASpaceOrAnEqualsSign() {
        OptionSource source = OptionSource.of("--learner.seed", "-3", "--kafka.properties.x=a=b", "--job.name=--odd");

        assertThat(source.problems()).isEmpty();
        assertThat(source.configuration().toMap())
                .containsOnly(
                        entry("learner.seed", "-3"), entry("kafka.properties.x", "a=b"), entry("job.name", "--odd"));
    }

    @Test
    void acceptsAnEmptyFile() throws IOException {
        assertThat(file("# nothing yet\n").problems()).isEmpty();
    }

    @Test
    void reportsWhatIsNotAnArgument() {
        assertThat(OptionSource.of("learner.seed=3", "--").problems())
                .containsExactly(
                        "'learner.seed=3' is not understood: arguments are --config FILE and --KEY VALUE",
                        "'--' is not understood: arguments are --config FILE and --KEY VALUE");
    }

    @Test
    void reportsAMissingValue() {
        assertThat(OptionSource.of("--learner.seed").problems()).containsExactly("--learner.seed has no value");
        assertThat(OptionSource.of("--learner.seed", "--job.name", "x").problems())
                .containsExactly("--learner.seed has no value");
        assertThat(OptionSource.of("--frsh").problems()).containsExactly("there is no option --frsh");
    }

    @Test
    void reportsAnOptionThatIsGivenTwice() throws IOException {
        assertThat(OptionSource.of("--learner.seed", "1", "--learner.seed", "2").problems())
                .containsExactly("--learner.seed is given twice");
        assertThat(file("learner.seed: 1\nlearner: {seed: 2}\n").problems())
                .containsExactly("learner.seed in " + folder.resolve("options.yaml") + " is given twice");
    }

    @Test
    void reportsAFileThatCannotBeRead() {
        assertThat(OptionSource.of("--config", "/does/not/exist.yaml").problems())
                .containsExactly("--config /does/not/exist.yaml: there is no such file, or it cannot be read");
    }

    @Test
    void reportsAFileThatIsNotAMapOfOptions() throws IOException {
        assertThat(file("- a\n- b\n").problems())
                .singleElement()
                .asString()
                .endsWith("must be a map of keys and values");
        assertThat(file("learner: [unclosed\n").problems())
                .singleElement()
                .asString()
                .contains("is not YAML");
    }

    @Test
    void doesNotRepeatTheContentsOfAMalformedFile() throws IOException {
        assertThat(file("kafka.properties.ssl.key.password: hunter2\nlearner: [unclosed\n")
                        .problems())
                .singleElement()
                .asString()
                .doesNotContain("hunter2");
    }

    private OptionSource file(String yaml, String... arguments) throws IOException {
        Path file = Files.writeString(folder.resolve("options.yaml"), yaml);
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = file.toString();
        return OptionSource.of(all);
    }

    private static java.util.Map.Entry<String, String> entry(String key, String value) {
        return java.util.Map.entry(key, value);
    }
}
