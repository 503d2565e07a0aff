package io.contrastream.encoders.torch;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * A recorder where nothing can be recorded: does the work of the call that was recorded again. As with a graph of CUDA's, what is not at
 * its address but was handed over by the host is that call's, and nothing is done while it is recorded.
 */
final class StaleRecorder implements Recorder {

    private int records;
    private boolean fails;

    static StaleRecorder failing() {
        StaleRecorder recorder = new StaleRecorder();
        recorder.fails = true;
        return recorder;
    }

    /** How often it was asked to record. */
    int records() {
        return records;
    }

    @Override
    public Recording record(Supplier<Tensor> work) {
        records++;
        if (fails) {
            throw new IllegalStateException(
                    "operation not permitted when stream is capturing\nException raised from ...");
        }
        return new Recording() {
            @Override
            public Tensor again() {
                return work.get();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
