package io.contrastream.releases.folder;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.releases.folder.ReleaseRequests.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseRequestsTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);

    @TempDir
    private Path folder;

    @Test
    void aRequestWaitsUntilItIsAnsweredAndIsAnsweredOnce() throws IOException {
        ReleaseRequests requests = requests("birds");
        assertThat(requests.waiting()).isEmpty();
        Request second = requests.askToGoBack(NOW.plusMillis(1), 20);
        Request first = requests.askForRelease(NOW);
        Request third = requests.askForRelease(NOW.plusMillis(2));

        assertThat(requests.waiting()).containsExactly(first, second, third);
        assertThat(second.goBackTo()).hasValue(20);
        assertThat(requests("others").waiting()).isEmpty();
        assertThat(requests.takeAnswer(first.id())).isEmpty();

        requests.withdraw(third.id());
        requests.answer(first.id(), "done");
        requests.answer(first.id(), "done again");
        requests.answer(third.id(), "too late");

        assertThat(requests.waiting()).containsExactly(second);
        assertThat(requests.takeAnswer(first.id())).hasValue("done");
        assertThat(requests.takeAnswer(first.id())).isEmpty();
        assertThat(requests.takeAnswer(third.id())).isEmpty();
    }

    @Test
    void whatIsInNoKnownFormIsLeft() throws IOException {
        Path there = Files.createDirectories(folder.resolve("birds/requests"));
        Files.writeString(there.resolve("1700000000000-0123abcd.request"), "sing");
        Files.writeString(there.resolve("1700000000000-0123abcd.request.part"), "release");
        Files.writeString(there.resolve("notes.txt"), "release");

        assertThat(requests("birds").waiting()).isEmpty();
        assertThat(new ReleaseDirectory(folder.toString()).versions("birds")).isEmpty();
    }

    private ReleaseRequests requests(String model) {
        return new ReleaseRequests(folder.toString(), model);
    }
}
