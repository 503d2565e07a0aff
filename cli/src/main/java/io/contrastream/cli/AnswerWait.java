package io.contrastream.cli;

import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.releases.folder.ReleaseRequests.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Waits for a learning job's answer to a request. */
final class AnswerWait {

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final String REFUSED = "refused";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "10 min",
            description =
                    "How long to wait for the learning job's answer, which comes with its next checkpoint but one at the latest"
                            + " (default: ${DEFAULT-VALUE}); then the request is withdrawn. 0 s: leave it, and do not wait.")
    private String patience;

    /** @throws ParameterException if it is no duration */
    Duration patience() {
        try {
            return TimeUtils.parseDuration(patience);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    command.commandLine(), "--wait is '" + patience + "', but must be a duration such as 10 min", e);
        }
    }

    /**
     * Waits, and prints the answer.
     *
     * @return exit code: 1 if the job has refused or not answered
     */
    int until(ReleaseRequests requests, Request request) throws IOException {
        Duration longest = patience();
        if (longest.isZero()) {
            print("asked for: request " + request.id());
            return 0;
        }
        long deadline = System.nanoTime() + longest.toNanos();
        try (Interruption interruption = new Interruption()) {
            while (System.nanoTime() < deadline && !interruption.happened()) {
                Optional<String> answer = requests.takeAnswer(request.id());
                if (answer.isPresent()) {
                    print(answer.get());
                    return answer.get().startsWith(REFUSED) ? 1 : 0;
                }
                Thread.sleep(LOOK.toMillis());
            }
            requests.withdraw(request.id());
            command.commandLine()
                    .getErr()
                    .println("contrastream: no answer within " + patience
                            + ", and the request is withdrawn: is the learning job"
                            + " running, with this release.directory and model.name?");
            command.commandLine().getErr().flush();
            return 1;
        } catch (InterruptedException e) {
            requests.withdraw(request.id());
            return Interruption.EXIT_CODE;
        }
    }

    private void print(String text) {
        command.commandLine().getOut().println(text);
        command.commandLine().getOut().flush();
    }
}
