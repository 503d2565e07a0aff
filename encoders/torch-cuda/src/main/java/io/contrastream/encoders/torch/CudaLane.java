package io.contrastream.encoders.torch;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.StreamFilter;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * The stream of a device that all encoders' work goes to: CUDA captures none of the default one, and on one stream encoders of a thread see
 * each other's work in order. It stays for as long as the process.
 *
 * @param filter whether an allocation is for the stream
 */
record CudaLane(byte device, CUDAStream stream, CUstream_st handle, StreamFilter filter) {

    private static final Map<Byte, CudaLane> LANES = new HashMap<>();

    static synchronized CudaLane of(byte device) {
        return LANES.computeIfAbsent(device, CudaLane::open);
    }

    private static CudaLane open(byte device) {
        try (PointerScope scope = new PointerScope()) {
            CUDAStream stream = torch_cuda.getStreamFromPool(false, device).retainReference();
            CUstream_st handle = stream.stream().retainReference();
            return new CudaLane(device, stream, handle, new OfStream(handle.address()).retainReference());
        }
    }

    /** From now on this thread's work goes to the stream. */
    void enter() {
        torch_cuda.set_device(device);
        torch_cuda.setCurrentCUDAStream(stream);
    }

    private static final class OfStream extends StreamFilter {

        private final long wanted;

        OfStream(long wanted) {
            this.wanted = wanted;
        }

        @Override
        public boolean call(Pointer stream) {
            return stream != null && stream.address() == wanted;
        }
    }
}
