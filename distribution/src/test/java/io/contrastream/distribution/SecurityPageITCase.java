package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.testing.Folder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whether {@code docs/security.md} lists what we ship, no more and no less. */
final class SecurityPageITCase {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| \\d{4}-\\d{2} \\| \\S.* \\|$");
    private static final Pattern IN_THE_JOB_JAR =
            Pattern.compile("^ *[\\w.-]+:([\\w.-]+):jar:(?:[\\w.-]+:)?([\\w.-]+)\\b.*");

    @Test
    void everyDependencyIsListedWithItsAgeAndWhyItIsKept() throws IOException {
        Set<String> listed = new TreeSet<>();
        Matcher row = ROW.matcher(Files.readString(Folder.REPOSITORY.resolve("docs/security.md")));
        while (row.find()) {
            listed.add(row.group(1));
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(shipped());
    }

    /** Name and version of what lies in the folder or in the job jar, without what is our own and without platforms. */
    private static Set<String> shipped() throws IOException {
        Set<String> shipped = new TreeSet<>();
        for (String folder :
                List.of("lib", "engines/dl4j", "engines/torch", "opt/cli", "opt/broker", "opt/benchmarks")) {
            for (Path jar : Folder.jars(folder)) {
                shipped.add(jar.getFileName().toString().replaceAll("(-linux-x86_64[\\w.-]*)?\\.jar$", ""));
            }
        }
        for (String line : Files.readAllLines(Path.of("target/job-jar.txt"))) {
            Matcher artifact = IN_THE_JOB_JAR.matcher(line);
            if (artifact.matches()) {
                shipped.add(artifact.group(1) + "-" + artifact.group(2));
            }
        }
        shipped.removeIf(name -> name.startsWith("contrastream-"));
        return shipped;
    }
}
