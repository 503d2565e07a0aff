package io.contrastream.encoders.torch;

import io.contrastream.encoders.library.Unpacking;
import io.contrastream.encoders.memory.MemoryLimit;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where an encoder's arrays lie and what its activations are made of.
 *
 * @param device LibTorch's name of the device: {@code cpu} or {@code cuda:N}
 * @param precision never {@code AUTO}
 * @param activations type of the convolutional part's activations and of its weights as they are multiplied
 * @param freeAtStart bytes of a GPU's memory that were free then; 0 on a CPU
 */
record Target(String device, Precision precision, ScalarType activations, long freeAtStart) {

    private static final String LOGGER = "org.bytedeco.javacpp.logger";
    private static final String NEEDS = "its CUDA build needs a GPU of compute capability 7.5 or above with its driver,"
            + " and the libraries of CUDA 13 and cuDNN 9 on the library path";

    boolean cuda() {
        return device.startsWith("cuda");
    }

    /** The number of a GPU. */
    byte index() {
        return index(device);
    }

    /**
     * Device memory taken since {@link #start}, as the driver reports it, other processes included; empty on a CPU.
     * LibTorch gives nothing back, so this is also the most that it has taken so far.
     */
    OptionalLong peakDeviceBytes() {
        return cuda() ? OptionalLong.of(Math.max(0, freeAtStart - freeBytes(device))) : OptionalLong.empty();
    }

    private static long freeBytes(String device) {
        try (PointerScope scope = new PointerScope()) {
            return torch.getMemoryInfo(index(device)).first();
        }
    }

    /** Lets the driver and LibTorch take what they need whatever runs, and returns what is left. */
    private static long startDevice(String device) {
        try (PointerScope scope = new PointerScope()) {
            Native.zeros(device, ScalarType.Float, 1);
            return freeBytes(device);
        }
    }

    /**
     * Loads the library if it is not yet, and sets what belongs to the process: threads and the memory limit.
     *
     * @throws IllegalArgumentException if the device or the precision is not supported or the memory limit cannot be set
     */
    static synchronized Target start(DeviceOptions options) {
        return Unpacking.alone(() -> started(options));
    }

    private static Target started(DeviceOptions options) {
        if (System.getProperty(LOGGER) == null) {
            // JavaCPP's warnings, such as that OpenBLAS is of another version than itself, go to the log.
            System.setProperty(LOGGER, "slf4j");
        }
        // JavaCPP looks at what the process takes whenever LibTorch has made a tensor.
        MemoryLimit.set(options.memoryLimitBytes());
        loadLibrary();
        String device = device(options.device());
        // Else cuDNN tries its algorithms and takes the fastest: timing chooses, and some add in any order.
        torch.globalContext().setBenchmarkCuDNN(!options.deterministic());
        torch.globalContext().setDeterministicCuDNN(options.deterministic());
        torch.set_num_threads(options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads());
        // OpenBLAS has threads of its own, which spin for a while after every product and keep cores from LibTorch's.
        // Its work is but the small products of the head and the loss.
        openblas_nolapack.blas_set_num_threads(1);
        boolean cuda = device.startsWith("cuda");
        Precision precision = options.precision().on(computeCapability(device));
        return new Target(device, precision, activations(precision, cuda), cuda ? startDevice(device) : 0);
    }

    /** Major number of a GPU's compute capability, as far as LibTorch tells: 8 for that and more, 7 for less. Empty on a CPU. */
    private static OptionalInt computeCapability(String device) {
        if (device.equals("cpu")) {
            return OptionalInt.empty();
        }
        // The hook asks the current device for exactly that; its properties come with CUDA's own presets alone.
        byte before = torch.exchangeDevice(index(device));
        try {
            return OptionalInt.of(torch.getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8() ? 8 : 7);
        } finally {
            torch.setDeviceIndex(before);
        }
    }

    private static byte index(String device) {
        return Byte.parseByte(device.substring("cuda:".length()));
    }

    private static ScalarType activations(Precision precision, boolean cuda) {
        // As PyTorch has it: the setting is about convolutions, and other products stay in single precision.
        torch.globalContext().setAllowTF32CuDNN(precision == Precision.TF32);
        if (precision == Precision.TF32 && !cuda) {
            throw new IllegalArgumentException(
                    "precision tf32 is for GPUs, but the device is cpu; use auto, float32 or bf16");
        }
        return precision == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
    }

    private static void loadLibrary() {
        try {
            Loader.load(torch.class);
        } catch (LinkageError e) {
            throw new IllegalArgumentException(
                    "LibTorch does not start: "
                            + (gpuBuild() ? NEEDS + "; without them use the build for CPUs, without -Ptorch-cuda" : "")
                            + " (" + (e.getCause() == null ? e : e.getCause()).getMessage() + ")",
                    e);
        }
    }

    private static boolean gpuBuild() {
        return Target.class.getResource("/org/bytedeco/pytorch/linux-x86_64-gpu/libtorch_cuda.so") != null;
    }

    private static String device(String wanted) {
        int gpus = torch.cuda_device_count();
        if (wanted.equals("cpu") || (wanted.equals("auto") && gpus == 0)) {
            return "cpu";
        }
        int index = wanted.startsWith("cuda:") ? Integer.parseInt(wanted.substring("cuda:".length())) : 0;
        if (index >= gpus) {
            throw new IllegalArgumentException("device " + wanted + " is not there: LibTorch "
                    + (gpuBuild()
                            ? "sees " + gpus + " GPUs; " + NEEDS
                            : "on the class path is the one for CPUs (build with -Ptorch-cuda)")
                    + "; use cpu or auto to run without");
        }
        return "cuda:" + index;
    }
}
