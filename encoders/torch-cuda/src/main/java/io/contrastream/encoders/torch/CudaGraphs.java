package io.contrastream.encoders.torch;

/** Has the encoders on a GPU record what they launch as CUDA graphs. */
public final class CudaGraphs implements Recorder.Provider {

    /** For {@link java.util.ServiceLoader}. */
    public CudaGraphs() {}

    @Override
    public Recorder on(Target target) {
        return new CudaRecorder(target.index());
    }
}
