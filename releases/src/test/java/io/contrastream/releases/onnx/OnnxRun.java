package io.contrastream.releases.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.contrastream.learning.image.ImageShape;
import java.nio.FloatBuffer;
import java.util.Map;

/** A model in ONNX Runtime, on one thread. */
final class OnnxRun implements AutoCloseable {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final SessionOptions options = new SessionOptions();
    private final OrtSession session;

    OnnxRun(byte[] model) throws OrtException {
        options.setIntraOpNumThreads(1);
        session = environment.createSession(model, options);
    }

    /** Embeddings [n][D] of images [n, C, H, W]. */
    float[][] embed(float[] images, int n, ImageShape shape) throws OrtException {
        long[] sides = {n, shape.channels(), shape.height(), shape.width()};
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), sides);
                OrtSession.Result result = session.run(Map.of(OnnxExport.IMAGES, tensor))) {
            return (float[][]) result.get(OnnxExport.EMBEDDINGS).orElseThrow().getValue();
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
        options.close();
    }
}
