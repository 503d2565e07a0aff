package io.contrastream.encoders.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.pytorch.Tensor;

/** Kernels of a source file beside this class, compiled by CUDA's own compiler for the device that is the current one. */
final class CudaModule {

    private final CUmod_st module;

    /**
     * Compiles a source.
     *
     * @param device its number
     * @throws IllegalStateException with the compiler's words, if it cannot
     */
    CudaModule(String source, byte device) {
        try (PointerScope scope = new PointerScope()) {
            module = new CUmod_st().retainReference();
            require(cudart.cuModuleLoadData(module, compiled(source, device)), "loading " + source);
        }
    }

    private static BytePointer compiled(String source, byte device) {
        int[] major = new int[1];
        int[] minor = new int[1];
        require(
                cudart.cudaDeviceGetAttribute(major, cudart.cudaDevAttrComputeCapabilityMajor, device),
                "compute capability");
        require(
                cudart.cudaDeviceGetAttribute(minor, cudart.cudaDevAttrComputeCapabilityMinor, device),
                "compute capability");
        _nvrtcProgram program = new _nvrtcProgram();
        requireCompiler(
                nvrtc.nvrtcCreateProgram(
                        program,
                        new BytePointer(text(source)),
                        new BytePointer(source),
                        0,
                        (PointerPointer<?>) null,
                        (PointerPointer<?>) null),
                source);
        try {
            PointerPointer<BytePointer> options = new PointerPointer<>(
                    new BytePointer("--gpu-architecture=sm_" + major[0] + minor[0]), new BytePointer("--std=c++17"));
            int error = nvrtc.nvrtcCompileProgram(program, 2, options);
            if (error != 0) {
                throw new IllegalStateException(source + " does not compile: " + log(program));
            }
            SizeTPointer size = new SizeTPointer(1);
            requireCompiler(nvrtc.nvrtcGetCUBINSize(program, size), source);
            BytePointer code = new BytePointer(size.get());
            requireCompiler(nvrtc.nvrtcGetCUBIN(program, code), source);
            return code;
        } finally {
            nvrtc.nvrtcDestroyProgram(program);
        }
    }

    private static String log(_nvrtcProgram program) {
        SizeTPointer size = new SizeTPointer(1);
        nvrtc.nvrtcGetProgramLogSize(program, size);
        BytePointer log = new BytePointer(Math.max(1, size.get()));
        nvrtc.nvrtcGetProgramLog(program, log);
        return log.getString();
    }

    private static String text(String source) {
        try (InputStream in = CudaModule.class.getResourceAsStream(source)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A kernel by its name in the source. */
    CUfunc_st kernel(String name) {
        CUfunc_st kernel = new CUfunc_st().retainReference();
        require(cudart.cuModuleGetFunction(kernel, module, name), name);
        return kernel;
    }

    /** How many blocks of how many threads, in two dimensions. */
    record Grid(int columns, int rows, int blockColumns, int blockRows) {}

    /**
     * Launches a kernel.
     *
     * @param arguments tensors, which become the addresses of their values (null becomes 0), {@code Integer}s and {@code Float}s, and
     *     pointers to structures, which become what they point to
     */
    static void launch(CUfunc_st kernel, CudaLane lane, Grid grid, Object... arguments) {
        try (PointerScope scope = new PointerScope()) {
            PointerPointer<Pointer> values = new PointerPointer<>(arguments.length);
            for (int i = 0; i < arguments.length; i++) {
                values.put(i, value(arguments[i]));
            }
            require(
                    cudart.cuLaunchKernel(
                            kernel,
                            grid.columns(),
                            grid.rows(),
                            1,
                            grid.blockColumns(),
                            grid.blockRows(),
                            1,
                            0,
                            lane.handle(),
                            values,
                            (PointerPointer<?>) null),
                    "a launch");
        }
    }

    private static Pointer value(Object argument) {
        if (argument instanceof Integer number) {
            return new IntPointer(new int[] {number});
        }
        if (argument instanceof Float number) {
            return new FloatPointer(new float[] {number});
        }
        if (argument instanceof LongPointer structure) {
            return structure;
        }
        long address = argument == null ? 0 : ((Tensor) argument).data_ptr().address();
        return new LongPointer(new long[] {address});
    }

    private static void require(int error, String what) {
        if (error != 0) {
            BytePointer text = new BytePointer((Pointer) null);
            cudart.cuGetErrorString(error, text);
            throw new IllegalStateException(
                    "CUDA, " + what + ": error " + error + (text.isNull() ? "" : ", " + text.getString()));
        }
    }

    private static void requireCompiler(int error, String what) {
        if (error != 0) {
            throw new IllegalStateException(
                    what + ": " + nvrtc.nvrtcGetErrorString(error).getString());
        }
    }
}
