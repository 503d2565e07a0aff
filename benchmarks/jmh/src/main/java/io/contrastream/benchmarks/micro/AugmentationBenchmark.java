package io.contrastream.benchmarks.micro;

import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One view, in the mean over the random choices, of an image of random pixels. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AugmentationBenchmark {

    @Param({"32", "224"})
    public int side;

    private Augmentation augmentation;
    private byte[] pixels;
    private float[] view;
    private long index;

    @Setup
    public void setUp() {
        ImageShape shape = new ImageShape(3, side, side);
        augmentation = new Augmentation(AugmentOptions.SCR, shape);
        RandomStream random = RandomStream.of(0, Purpose.GENERATE, 0, 0);
        pixels = new byte[shape.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        view = new float[shape.size()];
    }

    @Benchmark
    public float[] view() {
        augmentation.view(pixels, RandomStream.of(0, Purpose.AUGMENT, 0, index++), view, 0);
        return view;
    }
}
