package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.Collective;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Replicas on threads of one process, each of which leaves its numbers where the others find them. */
final class ThreadCollective implements Collective {

    private final int replica;
    private final float[][] parts;
    private final Phaser[] phasers;

    private ThreadCollective(int replica, float[][] parts, Phaser[] phasers) {
        this.replica = replica;
        this.parts = parts;
        this.phasers = phasers;
    }

    /** Does the same work on every replica, each on a thread; what they come to, in their order. */
    static <T> List<T> run(int replicas, Function<Collective, T> work) {
        float[][] parts = new float[replicas][];
        Phaser[] phasers = new Phaser[replicas + 1];
        for (int among = 0; among <= replicas; among++) {
            phasers[among] = new Phaser(among);
        }
        ExecutorService threads = Executors.newFixedThreadPool(replicas);
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int replica = 0; replica < replicas; replica++) {
                Collective collective = new ThreadCollective(replica, parts, phasers);
                results.add(threads.submit(() -> work.apply(collective)));
            }
            List<T> done = new ArrayList<>();
            for (Future<T> result : results) {
                done.add(result.get(5, TimeUnit.MINUTES));
            }
            return done;
        } catch (Exception e) {
            throw new AssertionError(e.getCause() == null ? e : e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    @Override
    public int replica() {
        return replica;
    }

    @Override
    public int replicas() {
        return parts.length;
    }

    @Override
    public void sum(ByteBuffer floats, int among) {
        FloatBuffer own = floats.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
        parts[replica] = new float[own.remaining()];
        own.duplicate().get(parts[replica]);
        phasers[among].arriveAndAwaitAdvance();
        float[] sum = parts[0].clone();
        for (int other = 1; other < among; other++) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += parts[other][i];
            }
        }
        phasers[among].arriveAndAwaitAdvance();
        own.put(sum);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
