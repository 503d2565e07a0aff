package io.contrastream.distribution;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.failure.FailureEnricher;
import org.apache.flink.core.failure.FailureEnricherFactory;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the JobManager's log, in a line for every failure of a job, why it failed and what Flink does then; the same sentence is
 * the label {@value #REASON} of the failure in the web interface. A plugin of the JobManager, switched on by {@code
 * jobmanager.failure-enrichers}.
 */
public final class FailureLog implements FailureEnricher {

    static final String REASON = "reason";

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    @Override
    public Set<String> getOutputKeys() {
        return Set.of(REASON);
    }

    @Override
    public CompletableFuture<Map<String, String>> processFailure(Throwable failure, Context context) {
        String reason = FailureSentence.of(failure);
        LOG.warn(
                "The job {} failed: {}. {}",
                context.getJobInfo().getJobName(),
                reason.replaceFirst("\\.$", ""),
                isForGood(failure)
                        ? "It is not started again, which would not make a difference"
                        : "Starting it again from its newest checkpoint, as often as its restart strategy allows");
        return CompletableFuture.completedFuture(Map.of(REASON, reason));
    }

    private static boolean isForGood(Throwable failure) {
        return ThrowableClassifier.findThrowableOfThrowableType(failure, ThrowableType.NonRecoverableError)
                .isPresent();
    }

    /** The factory that Flink finds in the plugin. */
    public static final class Factory implements FailureEnricherFactory {

        @Override
        public FailureEnricher createFailureEnricher(Configuration configuration) {
            return new FailureLog();
        }
    }
}
