package io.contrastream.jobs.learning.option;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.OptionSource;
import io.contrastream.jobs.option.OptionValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionsReferenceTest {

    private static final String COMMAND = "mvn -pl jobs -am test -Dtest=OptionsReferenceTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Doptions.write=true";

    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");

    @Test
    void thePageOfOptionsIsUpToDate() throws IOException {
        requireUpToDate(ROOT.resolve("docs/options.md"), OptionsReference.markdown());
    }

    @Test
    void theFileThatUsersStartFromIsUpToDate() throws IOException {
        requireUpToDate(ROOT.resolve("distribution/src/main/conf/contrastream.yaml"), OptionsReference.yaml());
    }

    @Test
    void theFileThatUsersStartFromSetsNothingButDefaults() throws IOException {
        Path file = ROOT.resolve("distribution/src/main/conf/contrastream.yaml");
        OptionSource source = OptionSource.of("--config", file.toString());
        OptionValues values = LearningJobSettings.values(source.configuration());

        values.throwIfInvalid(source.problems());
        assertThat(values.get(KafkaSettings.BOOTSTRAP_SERVERS)).isEqualTo("localhost:9092");
        assertThat(LearningJobSettings.ALL.all())
                .filteredOn(setting -> !setting.equals(KafkaSettings.BOOTSTRAP_SERVERS))
                .allSatisfy(setting -> assertThat(values.find(setting).orElse(null))
                        .isEqualTo(setting.option().defaultValue()));
    }

    private static void requireUpToDate(Path file, String generated) throws IOException {
        if (Boolean.getBoolean("options.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, generated);
        }
        assertThat(file).as("generated file; write it anew with: %s", COMMAND).hasContent(generated);
    }
}
