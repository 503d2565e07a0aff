package io.contrastream.operators.learn;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Closes the runs of a test after it, as a field with {@code @RegisterExtension}. */
final class OpenRuns implements AfterEachCallback {

    private final List<LearnRun> runs = new ArrayList<>();

    /** The run, which is closed after the test. */
    LearnRun opened(LearnRun run) {
        runs.add(run);
        return run;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (LearnRun run : runs) {
            run.close();
        }
    }
}
