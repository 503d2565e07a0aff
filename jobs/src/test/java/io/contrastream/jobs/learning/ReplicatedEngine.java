package io.contrastream.jobs.learning;

import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.Gradients;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.ReplicaException;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** The small reference encoder in several replicas, which gather all views; each makes the gradients of all. */
final class ReplicatedEngine implements EncoderEngine {

    /** Steps after which replica 1 is to fail, once; 0 for never. */
    static final AtomicInteger FAILS_AFTER = new AtomicInteger();

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed) {
        return new ReferenceEncoder(spec, training, seed);
    }

    @Override
    public ReplicatedEncoder create(
            EncoderSpec spec,
            TrainingOptions training,
            DeviceOptions device,
            long seed,
            Collective collective,
            boolean syncBatchNorm) {
        return new Replica(new ReferenceEncoder(spec, training, seed), collective);
    }

    private static final class Replica extends ForwardingEncoder implements ReplicatedEncoder {

        private final Collective collective;

        Replica(ReferenceEncoder encoder, Collective collective) {
            super(encoder);
            this.collective = collective;
        }

        @Override
        public Gradients gradients(Shard shard, Objective objective) {
            if (collective.replica() == 1 && step() > 0 && FAILS_AFTER.compareAndSet((int) step(), 0)) {
                throw new IllegalStateException("fails once");
            }
            ImageShape shape = spec().input();
            int views = shard.whole().labels().length;
            float[] all = new float[views * shape.size()];
            if (shard.input() != null) {
                float[] own = shard.input().hostViews();
                System.arraycopy(own, 0, all, shard.from(collective.replica()) * shape.size(), own.length);
                sum(all, shard.among());
            }
            sum(all, collective.replicas(), shard.input() != null && collective.replica() == 0);
            return gradients(
                    new StepInput(
                            shape,
                            new byte[all.length],
                            shard.whole().labels(),
                            IntStream.range(0, views)
                                    .mapToObj(view -> View.plain(view, shape))
                                    .toList(),
                            () -> all),
                    objective);
        }

        /** The first one's numbers reach those that have no views. */
        private void sum(float[] all, int among, boolean first) {
            if (!first) {
                Arrays.fill(all, 0);
            }
            sum(all, among);
        }

        private void sum(float[] values, int among) {
            ByteBuffer buffer =
                    ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
            buffer.asFloatBuffer().put(values);
            collective.sum(buffer, among);
            buffer.asFloatBuffer().get(values);
        }

        @Override
        public StepResult apply(Gradients gradients, StepRate rate) {
            StepResult result = super.apply(gradients, rate);
            compare();
            return result;
        }

        @Override
        public void compare() {
            int digest = state().parameters().stream()
                    .map(Tensor::values)
                    .mapToInt(Arrays::hashCode)
                    .reduce(1, (one, other) -> 31 * one + other);
            float[] digests = new float[2 * collective.replicas()];
            digests[2 * collective.replica()] = digest & 0xffff;
            digests[2 * collective.replica() + 1] = digest >>> 16;
            sum(digests, collective.replicas());
            for (int replica = 1; replica < collective.replicas(); replica++) {
                if (digests[0] != digests[2 * replica] || digests[1] != digests[2 * replica + 1]) {
                    throw new ReplicaException("replica " + replica + " differs after step " + step());
                }
            }
        }
    }
}
