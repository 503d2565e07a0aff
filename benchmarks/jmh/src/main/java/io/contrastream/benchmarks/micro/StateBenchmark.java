package io.contrastream.benchmarks.micro;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.LearnerProgress;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
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
import org.openjdk.jmh.infra.Blackhole;

/** A learner's state with the two slots of Adam: what a checkpoint writes, and a restore reads. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StateBenchmark {

    @Param({"RESNET18_SLIM", "RESNET18"})
    public Architecture architecture;

    private LearnerState state;
    private byte[] written;

    @Setup
    public void setUp() throws IOException {
        EncoderSpec spec = EncoderSpec.of(architecture, Stem.CIFAR, new ImageShape(3, 32, 32), Normalization.CIFAR100);
        List<Tensor> parameters = spec.network().initialParameters(0);
        List<Tensor> slots = new ArrayList<>(parameters);
        slots.addAll(parameters);
        LearnerProgress progress =
                new LearnerProgress(0, 0, new BitSet(), 0, 0, 0, Reservoir.CLASS_BALANCED, 2000, 0, List.of());
        state = new LearnerState(new EncoderState(spec.fingerprint(), 1, parameters, slots), progress);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateFormat.write(state, new DataOutputStream(bytes));
        written = bytes.toByteArray();
    }

    @Benchmark
    public long write(Blackhole hole) throws IOException {
        DataOutputStream out = new DataOutputStream(new Sink(hole));
        StateFormat.write(state, out);
        return out.size();
    }

    @Benchmark
    public LearnerState read() throws IOException {
        return StateFormat.read(new DataInputStream(new ByteArrayInputStream(written)));
    }

    /** Takes the bytes, and keeps none of them. */
    private static final class Sink extends OutputStream {

        private final Blackhole hole;

        Sink(Blackhole hole) {
            this.hole = hole;
        }

        @Override
        public void write(int value) {
            hole.consume(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            hole.consume(bytes);
        }
    }
}
