package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Trains a little with the engine on the class path, and prints the hash of all bits that came out. */
final class TrainedBits {

    private static final int STEPS = 8;
    private static final EncoderSpec SPEC =
            EncoderSpec.of(Architecture.RESNET18_SLIM, Stem.CIFAR, new ImageShape(3, 16, 16), Normalization.CIFAR100);

    private TrainedBits() {}

    /** @param arguments the optimiser */
    public static void main(String[] arguments) {
        System.out.println(hash(Kind.valueOf(arguments[0])));
    }

    /** SHA-256 of parameters, running statistics, optimiser slots and the classifier. */
    static String hash(Kind kind) {
        OptimizerOptions optimizer =
                kind == Kind.ADAM ? OptimizerOptions.adam(1e-3, 1e-4) : OptimizerOptions.sgd(0.1, 0.9, 1e-4);
        Inputs inputs = new Inputs(SPEC, 3, 24, 4);
        try (Encoder encoder = EncoderEngine.find()
                .create(SPEC, new TrainingOptions(optimizer, 0.1), TestDevice.OPTIONS, inputs.seed())) {
            for (int step = 0; step < STEPS; step++) {
                StepInput input = StepInput.plain(SPEC.input(), pixels(inputs.views(step)), inputs.labels(step));
                if (!encoder.train(input, Objectives.classified(encoder.training()), StepRate.FULL)
                        .taken()) {
                    throw new IllegalStateException("step " + step + " was not taken");
                }
            }
            return hash(encoder.state());
        }
    }

    private static byte[] pixels(float[] views) {
        byte[] pixels = new byte[views.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.round(255 * views[i]);
        }
        return pixels;
    }

    private static String hash(EncoderState state) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        Stream.of(state.parameters(), state.optimizerSlots(), state.classifier())
                .flatMap(List::stream)
                .map(Tensor::values)
                .forEach(values -> {
                    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
                    bytes.asFloatBuffer().put(values);
                    digest.update(bytes);
                });
        return HexFormat.of().formatHex(digest.digest());
    }
}
