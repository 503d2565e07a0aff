package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.LearnerProgress;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;

/** An encoder's state on its way to another learner: the stored form of a learner that has seen nothing. */
final class StateBytes {

    private static final LearnerProgress NONE =
            new LearnerProgress(0, 0, new BitSet(), 0, 0, 0, Reservoir.UNIFORM, 0, 0, List.of());

    private StateBytes() {}

    static byte[] of(EncoderState state) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            StateFormat.write(new LearnerState(state, NONE), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static EncoderState read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return StateFormat.read(in).encoder();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
