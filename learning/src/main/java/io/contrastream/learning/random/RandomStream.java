package io.contrastream.learning.random;

/**
 * Random numbers as a pure function of (seed, purpose, step, index): two streams of equal origin give equal numbers on every
 * machine, so nothing random is ever stored. The origin is hashed to the state of a SplitMix64 generator (Steele, Lea, Flood:
 * <i>Fast splittable pseudorandom number generators</i>, OOPSLA 2014).
 *
 * <p>Not thread-safe; making one is cheap, so each task makes its own.
 */
public final class RandomStream {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private RandomStream(long state) {
        this.state = state;
    }

    /** The stream of the given origin. */
    public static RandomStream of(long seed, Purpose purpose, long step, long index) {
        long hash = mix(seed + GOLDEN_GAMMA);
        hash = mix(hash ^ (purpose.code + GOLDEN_GAMMA));
        hash = mix(hash ^ (step + GOLDEN_GAMMA));
        hash = mix(hash ^ (index + GOLDEN_GAMMA));
        return new RandomStream(hash);
    }

    /** 64 uniform bits. */
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** Uniform in [0, 1), in steps of 2^-53. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Uniform in [low, high). */
    public double nextDouble(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    /**
     * Uniform in [0, bound).
     *
     * @throws IllegalArgumentException if {@code bound} is below 1
     */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be at least 1, but is " + bound);
        }
        // Lemire: the high word of a 32 x 32 bit product; its bias is below bound / 2^32 and the result needs no loop.
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** Standard normal, by the Box-Muller transform (one value of the pair is used). */
    public double nextGaussian() {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * nextDouble());
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Purpose of a stream. The codes are part of the state format: never change or reuse one. */
    public enum Purpose {
        /** Initial weights: step = 0, index = position of the parameter. */
        INITIALISE(1),
        /** Views: step = optimiser step, index = position of the view in the mini-batch. */
        AUGMENT(2),
        /** Recall from replay: step = optimiser step, index = 0. */
        RECALL(3),
        /** Reservoir updates: step = images seen before, index = 0. */
        REMEMBER(4),
        /** Generated images: step = class, index = position of the image in it. */
        GENERATE(5),
        /** Order of a produced stream: step and index as the producer says. */
        SHUFFLE(6),
        /** Initial weights of the training classifier: step = 0, index = class. */
        CLASSIFIER(7),
        /** Order of a review of memory: step = optimiser step, index = 0. */
        REVIEW(8),
        /** Initial class vectors of a proxy loss: step = 0, index = class. */
        PROXIES(9),
        /** Sample of earlier images that the newest are compared with: step = images seen, index = 0. */
        DRIFT(10);

        private final long code;

        Purpose(long code) {
            this.code = code;
        }
    }
}
