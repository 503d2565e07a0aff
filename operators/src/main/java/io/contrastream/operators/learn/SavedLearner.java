package io.contrastream.operators.learn;

import io.contrastream.learning.learner.LearnerState;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.DefaultOperatorStateBackend;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;

/**
 * A learner as a savepoint or a checkpoint has it, without its replay slots; read as Flink reads it in a restore, without a job.
 *
 * @param model name of the model
 * @param state weights, optimiser slots, progress
 */
public record SavedLearner(String model, LearnerState state) {

    /**
     * Reads it.
     *
     * @param savepoint folder or URI of the savepoint or checkpoint
     * @param uid of the learning operator
     * @throws IOException saying what is wrong, if there is none or it cannot be read
     */
    public static SavedLearner read(String savepoint, String uid) throws IOException {
        CompletedCheckpointStorageLocation location =
                AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(savepoint);
        ClassLoader loader = SavedLearner.class.getClassLoader();
        try (DataInputStream in =
                new DataInputStream(location.getMetadataHandle().openInputStream())) {
            OperatorState operator =
                    Checkpoints.loadCheckpointMetadata(in, loader, savepoint).getOperatorStates().stream()
                            .filter(state ->
                                    state.getOperatorUid().filter(uid::equals).isPresent())
                            .findFirst()
                            .orElseThrow(
                                    () -> new IOException("it has no operator '" + uid + "': it is of another job"));
            return read(handles(operator), loader);
        }
    }

    private static List<OperatorStateHandle> handles(OperatorState operator) {
        return operator.getStates().stream()
                .map(subtask -> subtask.getManagedOperatorState())
                .flatMap(Collection::stream)
                .toList();
    }

    private static SavedLearner read(List<OperatorStateHandle> handles, ClassLoader loader) throws IOException {
        try (CloseableRegistry streams = new CloseableRegistry()) {
            DefaultOperatorStateBackend backend = new DefaultOperatorStateBackendBuilder(
                            loader, new ExecutionConfig(), false, handles, streams)
                    .build();
            try {
                List<byte[]> chunks = LearnerStateStore.list(LearnerStateStore.learner(backend));
                if (chunks.isEmpty()) {
                    throw new IOException("its learner has not seen an image yet");
                }
                List<String> model = LearnerStateStore.list(LearnerStateStore.model(backend));
                return new SavedLearner(String.join(", ", model), LearnerStateStore.read(chunks));
            } finally {
                backend.dispose();
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("its learner's state cannot be read: " + e.getMessage(), e);
        }
    }
}
