package io.contrastream.operators.replica;

import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Images a second that the first of two learners deals to the other one: the shards of a step, the order with its images and two views of
 * each, and the bytes that Flink sends, which are counted as dealt once they are in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DealingBenchmark {

    /** Images of the other learner. */
    private static final int DEALT = 64;

    @Param({"32", "224"})
    public int side;

    private StepInput input;
    private TypeSerializer<Order> serializer;
    private DataOutputSerializer out;

    @Setup
    public void setUp() {
        ImageShape shape = new ImageShape(3, side, side);
        Augmentation augmentation = new Augmentation(AugmentOptions.SCR, shape);
        int images = 2 * DEALT;
        byte[] pixels = new byte[images * shape.size()];
        List<View> views = IntStream.range(0, 2 * images)
                .mapToObj(view -> augmentation.draw(view % images, RandomStream.of(0, Purpose.AUGMENT, 0, view)))
                .toList();
        input = new StepInput(shape, pixels, new int[images], views);
        serializer = TypeInformation.of(Order.class).createSerializer(new SerializerConfigImpl());
        out = new DataOutputSerializer(1 << 16);
    }

    @Benchmark
    @OperationsPerInvocation(DEALT)
    public int deal() throws IOException {
        Shard shard = Shard.deal(input, 2).get(1);
        out.clear();
        serializer.serialize(new Order(1, OrderFormat.step(new OrderFormat.Step(0, 1, shard))), out);
        return out.length();
    }
}
