package io.contrastream.encoders.torch;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongPair;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAAllocator;
import org.bytedeco.pytorch.cuda.MemPool;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Records with a CUDA stream's capture, in the order of LibTorch's own {@code CUDAGraph}, which its Java classes lack. What is allocated
 * meanwhile comes from a pool that nothing else uses, so that a graph's addresses stay its own. All graphs of an encoder share
 * the pool: one runs at a time, and its result is read before the next.
 */
final class CudaRecorder implements Recorder {

    private final byte device;
    private final CudaLane lane;
    private final CUDAAllocator allocator;
    private final LongPair pool;

    CudaRecorder(byte device) {
        this.device = device;
        this.lane = CudaLane.of(device);
        lane.enter();
        try (PointerScope scope = new PointerScope()) {
            this.allocator = torch_cuda.getAllocator();
            this.pool = MemPool.graph_pool_handle(false).retainReference();
        }
        allocator.createOrIncrefPool(device, pool); // for as long as there is a recorder
    }

    @Override
    public Recording record(Supplier<Tensor> work) {
        lane.enter();
        torch_cuda.device_synchronize();
        allocator.emptyCache(); // gives cached blocks back to the device, for the pool to take
        allocator.beginAllocateToPool(device, pool, lane.filter());
        Tensor result = null;
        try {
            AtomicReference<Tensor> made = new AtomicReference<>();
            CUgraph_st graph = captured(() -> made.set(work.get().retainReference()));
            result = made.get();
            try {
                return new Graph(executable(graph), result);
            } finally {
                cudart.cudaGraphDestroy(graph);
            }
        } catch (RuntimeException | Error e) {
            if (result != null) {
                result.close();
            }
            cudart.cudaGetLastError(); // no later call is to find it
            allocator.releasePool(device, pool);
            throw e;
        } finally {
            allocator.endAllocateToPool(device, pool);
        }
    }

    private CUgraph_st captured(Runnable work) {
        require(cudart.cudaStreamBeginCapture(lane.handle(), cudart.cudaStreamCaptureModeThreadLocal));
        allocator.markCaptureBegin(device);
        RuntimeException failure = null;
        try (PointerScope scope = new PointerScope()) {
            work.run();
        } catch (RuntimeException e) {
            failure = e;
        }
        CUgraph_st graph = new CUgraph_st();
        int ended = cudart.cudaStreamEndCapture(lane.handle(), graph);
        allocator.markCaptureEnd(device);
        if (failure != null) {
            throw failure;
        }
        require(ended);
        return graph;
    }

    private static CUgraphExec_st executable(CUgraph_st graph) {
        CUgraphExec_st executable = new CUgraphExec_st();
        require(cudart.cudaGraphInstantiateWithFlags(
                executable, graph, cudart.cudaGraphInstantiateFlagAutoFreeOnLaunch));
        return executable;
    }

    private static void require(int error) {
        if (error != 0) {
            throw new IllegalStateException(
                    "CUDA: " + cudart.cudaGetErrorString(error).getString());
        }
    }

    @Override
    public void close() {
        allocator.releasePool(device, pool);
        pool.close();
    }

    /** A recorded graph, with the pool's memory that it works in. */
    private final class Graph implements Recording {

        private final CUgraphExec_st executable;
        private final Tensor result;

        Graph(CUgraphExec_st executable, Tensor result) {
            this.executable = executable;
            this.result = result;
        }

        @Override
        public Tensor again() {
            require(cudart.cudaGraphLaunch(executable, lane.handle()));
            return result;
        }

        @Override
        public void close() {
            torch_cuda.device_synchronize(); // it may be running
            cudart.cudaGraphExecDestroy(executable);
            result.close();
            allocator.releasePool(device, pool);
        }
    }
}
