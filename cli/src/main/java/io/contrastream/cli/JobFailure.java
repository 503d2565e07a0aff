package io.contrastream.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Optional;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointFailureManager;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.checkpoint.FailedCheckpointStats;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.ErrorInfo;

/**
 * A failure of a job, after which Flink starts it again or gives it up.
 *
 * @param atMillis when it was
 * @param error with all of its causes
 * @param reason what to tell a person, without a stop at its end
 */
record JobFailure(long atMillis, Throwable error, String reason) {

    /** The newest one of a job, if there was one. */
    static Optional<JobFailure> of(AccessExecutionGraph job) {
        ErrorInfo info = job.getFailureInfo();
        if (info == null) {
            return Optional.empty();
        }
        Throwable error = info.getException().deserializeError(JobFailure.class.getClassLoader());
        return Optional.of(new JobFailure(
                info.getTimestamp(),
                error,
                checkpointReason(error, job.getCheckpointStatsSnapshot())
                        .orElseGet(() -> Failures.innermost(error))
                        .replaceFirst("\\.$", "")));
    }

    /** Flink fails a job whose checkpoint fails, and tells why the checkpoint did in another place. */
    private static Optional<String> checkpointReason(Throwable error, CheckpointStatsSnapshot checkpoints) {
        if (checkpoints == null
                || !String.valueOf(error.getMessage())
                        .contains(CheckpointFailureManager.EXCEEDED_CHECKPOINT_TOLERABLE_FAILURE_MESSAGE)) {
            return Optional.empty();
        }
        FailedCheckpointStats failed = checkpoints.getHistory().getLatestFailedCheckpoint();
        if (failed == null || failed.getFailureMessage() == null) {
            return Optional.empty();
        }
        return Optional.of("checkpoint " + failed.getCheckpointId() + " could not be written: "
                + writingFailure(checkpoints).orElseGet(failed::getFailureMessage));
    }

    /** Flink keeps a word on the failure alone. So its folder is tried: what keeps a file from being written there, if something does. */
    private static Optional<String> writingFailure(CheckpointStatsSnapshot checkpoints) {
        CompletedCheckpointStats completed = checkpoints.getHistory().getLatestCompletedCheckpoint();
        if (completed == null) {
            return Optional.empty();
        }
        Path folder = new Path(completed.getExternalPath()).getParent();
        Path file = new Path(folder, "write-check");
        try {
            FileSystem files = folder.getFileSystem();
            files.create(file, FileSystem.WriteMode.OVERWRITE).close();
            files.delete(file, false);
            return Optional.empty();
        } catch (FileAlreadyExistsException e) {
            return Optional.of(e.getMessage() + " is a file, not a directory");
        } catch (IOException e) {
            return Optional.of(Failures.innermost(e));
        }
    }
}
