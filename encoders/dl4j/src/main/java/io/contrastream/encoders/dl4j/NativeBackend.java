package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.onednn.OneDnnVertices;
import io.contrastream.encoders.library.Unpacking;
import io.contrastream.encoders.memory.MemoryLimit;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * ND4J's native library in this process. It is loaded once, with one memory limit, for as long as the process lives; the number
 * of threads can change.
 */
final class NativeBackend {

    private static final String CUDA = "org.nd4j.linalg.jcublas.JCublasBackend";

    private NativeBackend() {}

    /**
     * Loads the library if it is not yet, and tells whether the device is a GPU.
     *
     * @throws IllegalArgumentException if the device or the precision is not supported or the memory limit cannot be set
     */
    static synchronized boolean start(DeviceOptions device) {
        return Unpacking.alone(() -> started(device));
    }

    private static boolean started(DeviceOptions device) {
        requireDevice(device.device());
        MemoryLimit.set(device.memoryLimitBytes());
        ClassLoader loader = NativeBackend.class.getClassLoader();
        // A thread's context loader may be that of a job that does not see the libraries.
        ND4JClassLoading.setNd4jClassloader(loader);
        boolean cuda = backend().equals(CUDA);
        requirePrecision(device.precision(), cuda, OneDnnVertices.multipliesHalf());
        if (cuda && device.device().startsWith("cuda:")) {
            Nd4j.getAffinityManager()
                    .unsafeSetDevice(Integer.parseInt(device.device().substring("cuda:".length())));
        }
        int threads = device.threads() == 0 ? Runtime.getRuntime().availableProcessors() : device.threads();
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
        return cuda;
    }

    /**
     * Checks that there are kernels for a precision.
     *
     * @param cuda whether the device is a GPU
     * @param half whether the processor multiplies bf16
     * @throws IllegalArgumentException if there are not
     */
    static void requirePrecision(Precision precision, boolean cuda, boolean half) {
        if (precision == Precision.TF32 || (precision == Precision.BF16 && cuda)) {
            throw new IllegalArgumentException("precision " + precision + " is not supported by the dl4j engine"
                    + (cuda ? " on a GPU" : "") + "; use auto or float32, or the torch engine");
        }
        if (precision == Precision.BF16 && !half) {
            throw new IllegalArgumentException(
                    "precision bf16 needs a processor with AVX512-BF16 or AMX, and this one has"
                            + " neither (or DNNL_MAX_CPU_ISA hides it); use auto or float32");
        }
    }

    /** The device of an encoder that was created on this thread. */
    static String device() {
        return backend().equals(CUDA) ? "cuda:" + Nd4j.getAffinityManager().getDeviceForCurrentThread() : "cpu";
    }

    private static String backend() {
        try {
            return Nd4j.getBackend().getClass().getName();
        } catch (LinkageError e) {
            throw new IllegalArgumentException(
                    "ND4J's back end does not start; its CUDA build needs a GPU of compute capability 3.7 to 8.9 with its"
                            + " driver, and the libraries of CUDA 11.6 and cuDNN 8 on the library path; without them use"
                            + " the build for CPUs, without -Pcuda (" + e + ")",
                    e);
        }
    }

    private static void requireDevice(String device) {
        boolean cuda;
        try {
            Class.forName(CUDA, false, NativeBackend.class.getClassLoader());
            cuda = true;
        } catch (ClassNotFoundException absent) {
            cuda = false;
        }
        if (device.startsWith("cuda") && !cuda) {
            throw new IllegalArgumentException(
                    "device " + device + " needs ND4J's CUDA back end, but " + CUDA
                            + " is not on the class path: build with -Pcuda, which puts nd4j-cuda there instead of nd4j-native, or use cpu");
        }
        if (device.equals("cpu") && cuda) {
            throw new IllegalArgumentException("device cpu needs ND4J's native back end, but " + CUDA
                    + " is on the class path: build without -Pcuda, which puts nd4j-native there instead, or use cuda");
        }
    }
}
