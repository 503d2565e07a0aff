package io.contrastream.releases.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exported network in ONNX Runtime against the engine on the class path. */
public abstract class OnnxAgainstEngine {

    private static final int IMAGES = 5;

    @ParameterizedTest
    @CsvSource({
        "RESNET18_SLIM, CIFAR, 20, 3, 32, 32, false",
        "RESNET18_SLIM, CIFAR, 8, 3, 16, 24, true",
        "RESNET18, CIFAR, 64, 3, 32, 32, false",
        "RESNET18, IMAGENET, 16, 1, 56, 40, false",
        "RESNET34, CIFAR, 8, 3, 16, 16, false",
        "RESNET50, CIFAR, 8, 3, 16, 24, false",
        "RESNET50, IMAGENET, 8, 3, 64, 64, true",
    })
    void embedsEveryImageAsTheEngineDoes(
            Architecture architecture, Stem stem, int width, int channels, int height, int columns, boolean mirrored)
            throws IOException, OrtException {
        EncoderSpec spec = new EncoderSpec(
                architecture,
                stem,
                width,
                new ImageShape(channels, height, columns),
                8,
                normalization(channels),
                mirrored);
        EncoderState state = trained(spec);
        float[] images = images(spec);
        float[] expected; // [N, D]
        try (Encoder encoder = EncoderEngine.find()
                .create(
                        spec,
                        new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1),
                        new DeviceOptions("cpu", 1, 0),
                        3)) {
            encoder.load(state);
            expected = encoder.embed(images, IMAGES);
        }

        try (OnnxRun onnx = new OnnxRun(export(spec, state))) {
            float[][] embeddings = onnx.embed(images, IMAGES, spec.input());

            assertThat(embeddings).hasDimensions(IMAGES, spec.embeddingSize());
            for (int i = 0; i < IMAGES; i++) {
                assertThat(cosine(embeddings[i], expected, i))
                        .as("cosine of image %d", i)
                        .isBetween(0.99999, 1.00001);
            }
        }
    }

    static byte[] export(EncoderSpec spec, EncoderState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OnnxExport.write("birds", spec, state, out);
        return out.toByteArray();
    }

    static Normalization normalization(int channels) {
        return channels == 1 ? new Normalization(List.of(0.3f), List.of(0.2f)) : Normalization.CIFAR100;
    }

    /** With statistics as after training: none of them is at its initial value. */
    static EncoderState trained(EncoderSpec spec) {
        Random random = new Random(4);
        List<Tensor> trained = new ArrayList<>();
        List<ParameterSpec> parameters = spec.network().parameters();
        List<Tensor> initial = spec.network().initialParameters(1);
        for (int i = 0; i < initial.size(); i++) {
            float[] values = initial.get(i).values().clone();
            for (int j = 0; j < values.length; j++) {
                switch (parameters.get(i).role()) {
                    case NORM_WEIGHT, RUNNING_VARIANCE -> values[j] = random.nextFloat(0.5f, 1.5f);
                    case NORM_BIAS, RUNNING_MEAN -> values[j] = random.nextFloat(-0.5f, 0.5f);
                    default -> {}
                }
            }
            trained.add(new Tensor(initial.get(i).name(), initial.get(i).shape(), values));
        }
        return new EncoderState(spec.fingerprint(), 0, trained, List.of());
    }

    private static float[] images(EncoderSpec spec) {
        Random random = new Random(5);
        float[] images = new float[IMAGES * spec.input().size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        return images;
    }

    private static double cosine(float[] embedding, float[] rows, int row) {
        double product = 0;
        double a = 0;
        double b = 0;
        for (int i = 0; i < embedding.length; i++) {
            float other = rows[row * embedding.length + i];
            product += (double) embedding[i] * other;
            a += (double) embedding[i] * embedding[i];
            b += (double) other * other;
        }
        assertThat(a).isBetween(0.9999, 1.0001);
        return product / Math.sqrt(a * b);
    }
}
