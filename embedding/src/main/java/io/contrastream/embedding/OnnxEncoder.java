package io.contrastream.embedding;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.releases.onnx.OnnxExport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exported encoder in ONNX Runtime. To be closed after use. Not thread-safe. */
public final class OnnxEncoder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OnnxEncoder.class);

    private final OrtEnvironment environment;
    private final ImageShape shape;
    private final SessionOptions options;
    private final OrtSession session;
    private FloatBuffer input = FloatBuffer.allocate(0);

    /**
     * Loads a model on the CPU.
     *
     * @param model the bytes of an ONNX file that {@link OnnxExport} wrote
     * @param shape of its images
     * @param threads of one operation, at least 1; or 0 for as many as there are cores
     * @throws IOException if ONNX Runtime does not take it
     */
    public OnnxEncoder(byte[] model, ImageShape shape, int threads) throws IOException {
        this(model, shape, threads, false);
    }

    private OnnxEncoder(byte[] model, ImageShape shape, int threads, boolean gpu) throws IOException {
        this.shape = shape;
        environment = OrtEnvironment.getEnvironment();
        options = new SessionOptions();
        try {
            options.setIntraOpNumThreads(threads);
            if (gpu) {
                addGpu(options);
            }
            session = environment.createSession(model, options);
        } catch (OrtException e) {
            options.close();
            throw new IOException("ONNX Runtime does not load the model: " + e.getMessage(), e);
        }
    }

    /**
     * Loads a model on the first GPU, if ONNX Runtime has been built for GPUs and finds one with the libraries that it needs; else on the
     * CPU, and then logs why.
     *
     * @throws IOException if ONNX Runtime does not take it
     */
    static OnnxEncoder onGpuIfThereIsOne(byte[] model, ImageShape shape, int threads) throws IOException {
        if (OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            try {
                return new OnnxEncoder(model, shape, threads, true);
            } catch (IOException e) {
                LOG.warn("ONNX Runtime takes the CPU, since the GPU cannot be used: {}", e.getMessage(), e);
            }
        }
        return new OnnxEncoder(model, shape, threads);
    }

    /** In single precision throughout: vectors of one version must not depend on where they were made. */
    private static void addGpu(SessionOptions options) throws OrtException {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(0)) {
            cuda.add("use_tf32", "0");
            options.addCUDA(cuda);
        }
    }

    /**
     * Embeds images.
     *
     * @param images [n, C, H, W] in [0, 1]
     * @return [n, D], of unit rows
     * @throws IOException if ONNX Runtime fails
     */
    public float[] embed(float[] images, int n) throws IOException {
        FloatBuffer direct = direct(n * shape.size());
        direct.put(images, 0, n * shape.size()).flip();
        long[] sides = {n, shape.channels(), shape.height(), shape.width()};
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, direct, sides);
                OrtSession.Result result = session.run(Map.of(OnnxExport.IMAGES, tensor))) {
            FloatBuffer rows = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] embeddings = new float[rows.remaining()];
            rows.get(embeddings);
            return embeddings;
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime fails on " + n + " images of " + shape + ": " + e.getMessage(), e);
        }
    }

    /** Memory outside of the heap, which ONNX Runtime reads without a copy. */
    private FloatBuffer direct(int values) {
        if (input.capacity() < values) {
            input = ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, values))
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }
        input.clear();
        return input;
    }

    /** Idempotent. */
    @Override
    public void close() throws IOException {
        try {
            session.close();
            options.close();
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime does not close the model: " + e.getMessage(), e);
        }
    }
}
