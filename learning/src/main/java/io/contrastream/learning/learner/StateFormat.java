package io.contrastream.learning.learner;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Binary form of a {@link LearnerState}: magic number, version, fingerprint, contents. STUB. */
@SuppressWarnings("DoNotCallSuggester")
public final class StateFormat {

    private StateFormat() {}

    public static void write(LearnerState state, DataOutput out) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Reads what {@link #write} wrote. @throws IOException saying what is wrong, if it is not such a state or of a version not known here */
    public static LearnerState read(DataInput in) throws IOException {
        throw new UnsupportedOperationException();
    }
}
