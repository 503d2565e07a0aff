package io.contrastream.benchmarks.continual;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.List;

/**
 * Generated images of six textures in random colours, scales and places, and with noise: colour says nothing of the class, and a
 * network of random weights hardly more than chance. An image is a function of (seed, class, index).
 */
final class Textures {

    static final int SIDE = 16;

    static final List<String> LABELS = List.of("rows", "columns", "checks", "rings", "chevrons", "cross");

    private static final double NOISE = 0.03;

    private Textures() {}

    static Example image(int label, int index) {
        RandomStream random = RandomStream.of(1, Purpose.GENERATE, label, index);
        double period = random.nextDouble(3, 6);
        double phase = random.nextDouble(0, 2 * Math.PI);
        double phase2 = random.nextDouble(0, 2 * Math.PI);
        double centreX = random.nextDouble(0.2 * SIDE, 0.8 * SIDE);
        double centreY = random.nextDouble(0.2 * SIDE, 0.8 * SIDE);
        double[] one = new double[3];
        double[] other = new double[3]; // about the complement, so that there is some contrast
        for (int channel = 0; channel < 3; channel++) {
            one[channel] = random.nextDouble();
            other[channel] = Math.max(0, Math.min(1, 1 - one[channel] + random.nextDouble(-0.3, 0.3)));
        }
        byte[] pixels = new byte[3 * SIDE * SIDE]; // [C, H, W]
        double wave = 2 * Math.PI / period;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double dx = x - centreX;
                double dy = y - centreY;
                double value = // in [-1, 1]
                        switch (LABELS.get(label)) {
                            case "rows" -> Math.sin(wave * y + phase);
                            case "columns" -> Math.sin(wave * x + phase);
                            case "checks" -> Math.sin(wave * x + phase) * Math.sin(wave * y + phase2);
                            case "rings" -> Math.sin(wave * Math.hypot(dx, dy) + phase);
                            case "chevrons" -> Math.sin(0.8 * wave * (x + Math.abs(dy)) + phase);
                            default -> Math.min(Math.abs(dx), Math.abs(dy)) < period / 2 ? 1 : -1;
                        };
                for (int channel = 0; channel < 3; channel++) {
                    double mixed = one[channel] + (other[channel] - one[channel]) * (1 - value) / 2;
                    double noisy = Math.max(0, Math.min(1, mixed + NOISE * random.nextGaussian()));
                    pixels[(channel * SIDE + y) * SIDE + x] = (byte) Math.round(255 * noisy);
                }
            }
        }
        return new Example(LABELS.get(label) + index, LABELS.get(label), pixels, 0);
    }
}
