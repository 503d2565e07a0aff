package io.contrastream.benchmarks.scaling;

import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.operators.replica.TcpCollective;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Times optimiser steps of one encoder, of several that are not connected, and of replicas on threads of this process that are connected as those of a job are.
 *
 * @param views of a replica, even and at least 2
 * @param warmup steps before those that are measured
 * @param steps that are measured, at least 1
 */
record ScalingBenchmark(int views, int warmup, int steps) {

    private static final Objective OBJECTIVE = new SupCon(Network.PROJECTION, 0.1, SupCon.Variant.OUT);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    ScalingBenchmark {
        if (views < 2 || views % 2 != 0) {
            throw new IllegalArgumentException("views of a replica must be even and at least 2, but are " + views);
        }
        if (warmup < 0 || steps < 1) {
            throw new IllegalArgumentException(
                    "there must be at least 0 steps of warm-up and 1 that is measured, but there are " + warmup
                            + " and " + steps);
        }
    }

    /**
     * The figures of one run.
     *
     * @param stepNanos median time of a step
     * @param collectiveNanos of that, mean time that replica 0 spends in sums, waits for the others included
     * @param collectiveBytes that replica 0 sends and receives in a step
     * @param sums of a step
     */
    record Figures(int replicas, long stepNanos, long collectiveNanos, long collectiveBytes, int sums) {}

    /** One encoder, as a job with one learner has it. */
    Figures alone(Encoder encoder) {
        StepInput input = input(encoder.spec().input(), 1);
        long[] nanos = new long[steps];
        for (int step = -warmup; step < steps; step++) {
            long start = System.nanoTime();
            encoder.train(input, OBJECTIVE, StepRate.FULL);
            if (step >= 0) {
                nanos[step] = System.nanoTime() - start;
            }
        }
        return new Figures(1, median(nanos), 0, 0, 0);
    }

    /**
     * As many encoders at the same time, none of which knows of the others: what the machine leaves of each when all work.
     *
     * @param open makes one, on the thread that it is to work on
     */
    Figures unconnected(int replicas, Supplier<Encoder> open) throws InterruptedException {
        CyclicBarrier warm = new CyclicBarrier(replicas);
        return onThreads(Collections.nCopies(replicas, () -> {
            try (Encoder encoder = open.get()) {
                StepInput input = input(encoder.spec().input(), 1);
                for (int step = 0; step < warmup; step++) {
                    encoder.train(input, OBJECTIVE, StepRate.FULL);
                }
                warm.await();
                long[] nanos = new long[steps];
                for (int step = 0; step < steps; step++) {
                    long start = System.nanoTime();
                    encoder.train(input, OBJECTIVE, StepRate.FULL);
                    nanos[step] = System.nanoTime() - start;
                }
                return new Figures(replicas, median(nanos), 0, 0, 0);
            }
        }));
    }

    /** The figures of the first one, when all are through. */
    private static Figures onThreads(List<Callable<Figures>> work) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        try {
            List<Future<Figures>> figures = threads.invokeAll(work);
            for (Future<Figures> other : figures) {
                other.get();
            }
            return figures.get(0).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * Several replicas.
     *
     * @param open makes one, on the thread that it is to work on
     */
    Figures together(int replicas, Function<TcpCollective, ReplicatedEncoder> open) throws InterruptedException {
        List<TcpCollective> collectives = new ArrayList<>();
        try {
            for (int replica = 0; replica < replicas; replica++) {
                collectives.add(new TcpCollective(replica, new ReplicaOptions(replicas, true, LIMIT)));
            }
            int port = collectives.get(0).listen(InetAddress.getLoopbackAddress());
            return onThreads(collectives.stream()
                    .<Callable<Figures>>map(collective -> () -> replica(collective, port, open))
                    .toList());
        } finally {
            collectives.forEach(TcpCollective::close);
        }
    }

    private Figures replica(TcpCollective collective, int port, Function<TcpCollective, ReplicatedEncoder> open) {
        try (ReplicatedEncoder encoder = open.apply(collective)) {
            if (collective.replica() == 0) {
                collective.accept(0);
            } else {
                collective.connect(InetAddress.getLoopbackAddress().getHostAddress(), port, 0);
            }
            Shard shard = Shard.deal(input(encoder.spec().input(), collective.replicas()), collective.replicas())
                    .get(collective.replica());
            long[] nanos = new long[steps];
            long spent = 0;
            long bytes = 0;
            int sums = 0;
            for (int step = -warmup; step < steps; step++) {
                if (step == 0) {
                    spent = collective.time().toNanos();
                    bytes = collective.bytes();
                    sums = collective.sums();
                }
                long start = System.nanoTime();
                encoder.apply(encoder.gradients(shard, OBJECTIVE), StepRate.FULL);
                if (step >= 0) {
                    nanos[step] = System.nanoTime() - start;
                }
            }
            return new Figures(
                    collective.replicas(),
                    median(nanos),
                    (collective.time().toNanos() - spent) / steps,
                    (collective.bytes() - bytes) / steps,
                    (collective.sums() - sums) / steps);
        }
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Two views of each of as many images of random pixels as all replicas have, of ten classes. */
    private StepInput input(ImageShape shape, int replicas) {
        int images = views / 2 * replicas;
        byte[] pixels = new byte[images * shape.size()];
        RandomStream random = RandomStream.of(0, Purpose.GENERATE, 0, 0);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        return new StepInput(
                shape,
                pixels,
                IntStream.range(0, images).map(image -> image % 10).toArray(),
                IntStream.range(0, 2 * images)
                        .mapToObj(view -> View.plain(view % images, shape))
                        .toList());
    }
}
