package io.contrastream.jobs.testing;

import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.OperatorStateHandle;

/** Looks into a savepoint for the learner's state. */
public final class SavedLearner {

    private static final String STATE = "learner";

    private SavedLearner() {}

    /**
     * The state as it is stored, every byte of it: weights, optimiser slots, counters, prototypes.
     *
     * @param savepoint its folder, as Flink returned it
     * @param uid of the learning operator
     */
    public static byte[] bytes(String savepoint, String uid) throws IOException {
        Path metadata = Path.of(URI.create(savepoint)).resolve("_metadata");
        try (DataInputStream in = new DataInputStream(Files.newInputStream(metadata))) {
            ClassLoader loader = SavedLearner.class.getClassLoader();
            return Checkpoints.loadCheckpointMetadata(in, loader, savepoint).getOperatorStates().stream()
                    .filter(operator ->
                            operator.getOperatorUid().filter(uid::equals).isPresent())
                    .findFirst()
                    .map(SavedLearner::bytes)
                    .orElseThrow(() -> new AssertionError("no operator " + uid + " in " + savepoint));
        }
    }

    /** The same, understood. */
    public static LearnerState state(byte[] bytes) throws IOException {
        return StateFormat.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static byte[] bytes(OperatorState operator) {
        OperatorStateHandle handle =
                operator.getState(0).getManagedOperatorState().iterator().next();
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        try (FSDataInputStream in = handle.openInputStream()) {
            for (long offset :
                    handle.getStateNameToPartitionOffsets().get(STATE).getOffsets()) {
                in.seek(offset);
                chunks.write(BytePrimitiveArraySerializer.INSTANCE.deserialize(new DataInputViewStreamWrapper(in)));
            }
        } catch (IOException e) {
            throw new AssertionError("the savepoint cannot be read", e);
        }
        return chunks.toByteArray();
    }
}
