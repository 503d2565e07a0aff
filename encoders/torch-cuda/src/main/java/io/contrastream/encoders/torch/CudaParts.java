package io.contrastream.encoders.torch;

/** Has the encoders on a GPU record what they launch as CUDA graphs, and have kernels of their own. */
public final class CudaParts implements Cuda {

    /** For {@link java.util.ServiceLoader}. */
    public CudaParts() {}

    @Override
    public Recorder recorder(Target target) {
        return new CudaRecorder(target.index());
    }

    @Override
    public Kernels kernels(Target target) {
        return KernelCheck.passed(new CudaKernels(target), target.device());
    }
}
