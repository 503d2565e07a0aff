package io.contrastream.benchmarks.micro;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.learning.replay.ClassBalancedReservoir;
import io.contrastream.learning.replay.Replay;
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

/** A filled class-balanced memory of images of 100 classes: to offer it one, and to recall 100. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ReservoirBenchmark {

    private static final int CLASSES = 100;

    @Param({"2000", "20000"})
    public int capacity;

    private Replay<Long> memory;
    private long seen;

    @Setup
    public void setUp() {
        memory = new Replay<>(capacity, new ClassBalancedReservoir());
        seen = 0;
        while (seen < 2L * capacity) {
            offer();
        }
    }

    @Benchmark
    public int offer() {
        int label = (int) (seen % CLASSES);
        return memory.offer(seen, label, RandomStream.of(0, Purpose.REMEMBER, seen++, 0));
    }

    @Benchmark
    public int[] recall() {
        return memory.recall(100, RandomStream.of(0, Purpose.RECALL, seen++, 0));
    }
}
