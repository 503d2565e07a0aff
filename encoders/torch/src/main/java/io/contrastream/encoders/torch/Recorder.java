package io.contrastream.encoders.torch;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Records the commands to a device, so that they can be given again in one piece. */
interface Recorder extends AutoCloseable {

    /**
     * Records work without doing it.
     *
     * @param work tells the device what to do with arrays that keep their addresses, waits for nothing, and gives back a tensor that
     *     is made on the way
     * @throws RuntimeException if it cannot be recorded; then all is as it was
     */
    Recording record(Supplier<Tensor> work);

    /** Frees what is no recording's. */
    @Override
    void close();

    /** Work as it was recorded. */
    interface Recording extends AutoCloseable {

        /** Does it with what is at the addresses now. The tensor is the recording's: the next call writes it anew. */
        Tensor again();

        @Override
        void close();
    }
}
