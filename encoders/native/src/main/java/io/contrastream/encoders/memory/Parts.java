package io.contrastream.encoders.memory;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Stem;
import java.util.List;
import java.util.stream.IntStream;

/** How many images are embedded at once: as many as have room. */
public final class Parts {

    /** Of a CPU's largest activation: small parts stay near the cores' caches and leave the process's memory to others. */
    private static final long CPU_BYTES = 64 << 20;

    /** Largest activations of an image that are alive at once: a block's input, its output, and one between them. */
    private static final int ALIVE = 3;

    /** Share of a device's memory for embedding, the rest being weights, training's activations and the library's own. */
    private static final int SHARE = 8;

    private Parts() {}

    /**
     * Images at once on a CPU.
     *
     * @return at least 1
     */
    public static int onCpu(EncoderSpec spec) {
        return atLeastOne(CPU_BYTES / largestActivation(spec));
    }

    /**
     * Images at once on a device with memory of its own.
     *
     * @param freeBytes of it, when nothing of the encoder was there yet
     * @return at least 1
     */
    public static int onDevice(EncoderSpec spec, long freeBytes) {
        return atLeastOne(freeBytes / SHARE / (ALIVE * largestActivation(spec)));
    }

    /**
     * Where the parts begin that statistics are taken of, all of nearly the same size, and the end.
     *
     * @return empty if the images are too few for a variance
     */
    public static List<Integer> statistics(int images) {
        if (images < 2) {
            return List.of();
        }
        int parts = (images + Encoder.STATISTICS_PART - 1) / Encoder.STATISTICS_PART;
        return IntStream.rangeClosed(0, parts)
                .mapToObj(part -> (int) ((long) part * images / parts))
                .toList();
    }

    private static int atLeastOne(long images) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, images));
    }

    /** Bytes in single precision of an image's largest feature maps: those of the first stage, or behind the ImageNet stem's convolution. */
    static long largestActivation(EncoderSpec spec) {
        long map = (long) spec.width() * spec.input().height() * spec.input().width();
        int expansion = spec.embeddingSize() / (8 * spec.width());
        return Float.BYTES * Math.max(1, spec.stem() == Stem.CIFAR ? expansion * map : map / 4);
    }
}
