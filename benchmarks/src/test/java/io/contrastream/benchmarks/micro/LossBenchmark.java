package io.contrastream.benchmarks.micro;

import io.contrastream.learning.loss.SupConLoss;
import io.contrastream.learning.loss.SupConLoss.Form;
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

/** The reference loss with its gradient, of unit projections of 128 components and two views of each image. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LossBenchmark {

    private static final int PROJECTION = 128;

    @Param({"220", "1024"})
    public int views;

    private final SupConLoss loss = new SupConLoss(Form.OUT, 0.1);
    private double[][] projections; // [views, 128]
    private int[] labels;

    @Setup
    public void setUp() {
        RandomStream random = RandomStream.of(0, Purpose.GENERATE, 0, 0);
        projections = new double[views][PROJECTION];
        labels = new int[views];
        for (int i = 0; i < views; i++) {
            double squares = 0;
            for (int k = 0; k < PROJECTION; k++) {
                projections[i][k] = random.nextGaussian();
                squares += projections[i][k] * projections[i][k];
            }
            for (int k = 0; k < PROJECTION; k++) {
                projections[i][k] /= Math.sqrt(squares);
            }
            labels[i] = i % (views / 2) % 100;
        }
    }

    @Benchmark
    public SupConLoss.Value lossAndGradient() {
        return loss.of(projections, labels);
    }
}
