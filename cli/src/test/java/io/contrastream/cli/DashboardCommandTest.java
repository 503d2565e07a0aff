package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardCommandTest {

    @TempDir
    private Path folder;

    @Test
    void aTokenFileThatDoesNotExistIsWrittenForItsOwnerAloneAndKept() throws IOException {
        Path file = folder.resolve("token");

        String token = DashboardCommand.token(file);

        assertThat(token).matches("[A-Za-z0-9_-]{16,128}");
        assertThat(DashboardCommand.token(file)).isEqualTo(token);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aTokenFileThatExistsIsReadAndNotChanged() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "  a-token-of-somebodys-own\n");

        assertThat(DashboardCommand.token(file)).isEqualTo("a-token-of-somebodys-own");
        assertThat(file).hasContent("  a-token-of-somebodys-own\n");
    }
}
