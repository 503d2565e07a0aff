package io.contrastream.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricsReferenceTest {

    private static final String COMMAND = "mvn -pl operators -am test -Dtest=MetricsReferenceTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dmetrics.write=true";

    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));

    @Test
    void thePageOfMetricsIsUpToDate() throws IOException {
        Path page = MODULE.resolve("../docs/metrics.md");
        String generated = new MetricsReference(MODULE.resolve("src/main/java")).markdown();
        if (Boolean.getBoolean("metrics.write")) {
            Files.writeString(page, generated);
        }
        assertThat(page).as("generated file; write it anew with: %s", COMMAND).hasContent(generated);
    }
}
