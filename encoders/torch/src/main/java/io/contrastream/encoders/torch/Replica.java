package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.ReplicaException;
import io.contrastream.learning.encoder.Shard;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The part that an encoder has as one of several: its shard of the step in progress, and its sums with the others. They go through the host's
 * memory, whatever the device.
 */
final class Replica {

    /** Numbers that a step and a digest are compared as: 16 bits each, which a float holds exactly. */
    private static final int COMPARED = 8;

    private final Collective collective;
    private final boolean syncBatchNorm;
    private final Target target;
    private Shard shard;

    Replica(Collective collective, boolean syncBatchNorm, Target target) {
        this.collective = collective;
        this.syncBatchNorm = syncBatchNorm;
        this.target = target;
    }

    /** A step of all replicas begins. */
    void begin(Shard ofStep) {
        if (ofStep.counts().length != collective.replicas()) {
            throw new IllegalArgumentException("the step is dealt to " + ofStep.counts().length
                    + " replicas, but there are " + collective.replicas());
        }
        shard = ofStep;
    }

    void end() {
        shard = null;
    }

    /** Whether a step of all replicas is in progress. */
    boolean atStep() {
        return shard != null;
    }

    /** Whether a batch normalisation takes the statistics of all replicas now. */
    boolean normsTogether() {
        return shard != null && syncBatchNorm;
    }

    private int own() {
        return shard.counts()[collective.replica()];
    }

    /** The share of all views that each replica with views has, [replicas], in double precision on the host. */
    Tensor shares() {
        double all = shard.whole().labels().length;
        double[] shares = Arrays.stream(shard.counts())
                .limit(shard.among())
                .mapToDouble(count -> count / all)
                .toArray();
        Tensor tensor = Native.zeros("cpu", ScalarType.Double, shares.length);
        tensor.data_ptr_double().put(shares);
        return tensor;
    }

    /** How many times as many views all replicas have as this one. */
    double times() {
        return (double) shard.whole().labels().length / own();
    }

    /** The rows of all replicas of this one's, [N, D], on the device. */
    Tensor gather(Tensor rows) {
        Tensor all = Native.zeros("cpu", ScalarType.Float, shard.whole().labels().length, rows.size(1));
        own(all).copy_(rows);
        sum(all, shard.among());
        return Native.to(all, target.device(), rows.scalar_type());
    }

    /** This replica's of the rows of all. */
    Tensor own(Tensor rows) {
        return rows.narrow(0, shard.from(collective.replica()), own());
    }

    /** Arrays of the replicas with views, one behind the other, [replicas, ...], on the host. */
    Tensor stack(Tensor own) {
        Tensor all = Native.zeros("cpu", ScalarType.Float, shard.among(), own.size(0), own.size(1));
        all.select(0, collective.replica()).copy_(own);
        sum(all, shard.among());
        return all;
    }

    /** The sum over the replicas with views, on the device. */
    Tensor sum(Tensor own) {
        Tensor host = Native.host(own).clone();
        sum(host, shard.among());
        return Native.to(host, target.device(), ScalarType.Float);
    }

    /**
     * Makes a step's results those of all replicas, in one sum.
     *
     * @param gradients of the parameters, each replica's part
     * @param observed statistics of the batch: where these are not the same on all replicas, the mean over the views
     * @param known to all replicas that have views, and taken from the first
     */
    void join(Tensor gradients, Tensor observed, List<Tensor> known) {
        if (!syncBatchNorm) {
            observed.mul_(new Scalar((double) own() / shard.whole().labels().length));
        }
        TensorVector parts = new TensorVector(gradients, observed);
        known.forEach(parts::push_back);
        Tensor all = Native.host(torch.cat(parts, 0));
        long at = gradients.numel();
        long ofFirst = syncBatchNorm ? at : at + observed.numel();
        if (collective.replica() > 0 && ofFirst < all.numel()) {
            all.narrow(0, ofFirst, all.numel() - ofFirst).zero_();
        }
        sum(all, collective.replicas());
        gradients.copy_(all.narrow(0, 0, at));
        observed.copy_(all.narrow(0, at, observed.numel()));
        at += observed.numel();
        for (Tensor part : known) {
            part.copy_(all.narrow(0, at, part.numel()));
            at += part.numel();
        }
    }

    /**
     * Finds out whether all replicas are at the same step with the same bits.
     *
     * @throws ReplicaException naming the one that differs
     */
    void compare(long step, List<Tensor> arrays) {
        int replicas = collective.replicas();
        long[] compared = {step, digest(arrays)};
        float[] own = new float[replicas * COMPARED];
        for (int i = 0; i < COMPARED; i++) {
            own[collective.replica() * COMPARED + i] = (compared[i / 4] >>> (16 * (i % 4))) & 0xffff;
        }
        float[] all;
        try (PointerScope scope = new PointerScope()) {
            Tensor exchanged = Native.zeros("cpu", ScalarType.Float, own.length);
            exchanged.data_ptr_float().put(own);
            sum(exchanged, replicas);
            all = Native.values(exchanged);
        }
        String[] states = new String[replicas];
        Arrays.setAll(states, replica -> text(all, replica * COMPARED));
        String usual = usual(states);
        for (int replica = 0; replica < replicas; replica++) {
            if (!states[replica].equals(usual)) {
                throw new ReplicaException(
                        "replica " + replica + " of " + replicas + " differs from the others after step " + step
                                + ": it has " + states[replica] + ", the others " + usual);
            }
        }
    }

    private static String text(float[] all, int at) {
        long[] values = new long[2];
        for (int i = 0; i < COMPARED; i++) {
            values[i / 4] |= (long) all[at + i] << (16 * (i % 4));
        }
        return String.format(Locale.ROOT, "weights of digest %016x at step %d", values[1], values[0]);
    }

    /** The most frequent value; of several, the first. */
    private static String usual(String[] states) {
        String usual = states[0];
        for (String state : states) {
            if (Arrays.stream(states).filter(state::equals).count()
                    > Arrays.stream(states).filter(usual::equals).count()) {
                usual = state;
            }
        }
        return usual;
    }

    private static long digest(List<Tensor> arrays) {
        long digest = 1;
        try (PointerScope scope = new PointerScope()) {
            for (Tensor array : arrays) {
                digest = 31 * digest + Native.sumOfBits(array);
            }
        }
        return digest;
    }

    /** @param values of the host's memory, one behind the other */
    private void sum(Tensor values, int among) {
        ByteBuffer floats = new BytePointer(values.data_ptr())
                .capacity(values.numel() * Float.BYTES)
                .asByteBuffer();
        collective.sum(floats, among);
    }
}
