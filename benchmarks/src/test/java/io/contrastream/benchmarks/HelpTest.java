package io.contrastream.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.cli.Contrastream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The help of every command of the command line, those of the other modules included. */
final class HelpTest {

    static List<CommandLine> commands() {
        return below(Contrastream.commandLine()).toList();
    }

    private static Stream<CommandLine> below(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpTest::below));
    }

    /** Picocli formats texts, and says so where a percent sign is not doubled, on the process's error stream. */
    @ParameterizedTest
    @MethodSource("commands")
    void isPrintedWithoutAWarning(CommandLine command) {
        ByteArrayOutputStream warnings = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
        try {
            assertThat(command.getUsageMessage()).startsWith("Usage: ").doesNotContain("%%");
        } finally {
            System.setErr(before);
        }
        assertThat(warnings.toString(StandardCharsets.UTF_8))
                .as(command.getCommandSpec().qualifiedName())
                .isEmpty();
    }
}
