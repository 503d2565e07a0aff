package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.objective.Objective;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/**
 * Learners on threads of this process, connected and dealt their shares as those of a job are. To its owner it is an encoder as any other.
 */
public final class LocalReplicas extends ForwardingEncoder {

    private final List<Follower> followers;

    private LocalReplicas(Encoder lead, List<Follower> followers) {
        super(lead);
        this.followers = followers;
    }

    /**
     * Learners that wait for their first step. To be closed after use.
     *
     * @param options of at least two learners
     * @param objective of all steps
     * @param create makes one, on the thread that it is to work on
     */
    public static LocalReplicas start(
            ReplicaOptions options, Objective objective, Function<TcpCollective, ReplicatedEncoder> create) {
        if (!options.several()) {
            throw new IllegalArgumentException("there must be at least 2 learners, but there is 1");
        }
        List<Follower> followers = new ArrayList<>();
        TcpCollective first = new TcpCollective(0, options);
        Encoder lead = new LeadEncoder(
                create.apply(first),
                first,
                InetAddress.getLoopbackAddress(),
                order -> followers.get(order.replica() - 1).orders.add(order),
                metrics(0));
        for (int replica = 1; replica < options.count(); replica++) {
            TcpCollective collective = new TcpCollective(replica, options);
            ReplicaMetrics metrics = metrics(replica);
            Follower follower = new Follower(
                    replica, () -> new FollowingReplica(create.apply(collective), collective, objective, metrics));
            followers.add(follower);
            follower.start();
        }
        return new LocalReplicas(lead, followers);
    }

    /** They are no tasks of Flink, so nobody is told. */
    private static ReplicaMetrics metrics(int replica) {
        return new ReplicaMetrics(new UnregisteredMetricsGroup(), replica);
    }

    @Override
    public void close() {
        followers.forEach(Follower::end);
        super.close();
        followers.forEach(Follower::awaitEnd);
    }

    /** The thread of a learner beside the first one. If the learner fails, the first one finds its connection closed. */
    private static final class Follower extends Thread {

        /** To no replica: has the thread end. */
        private static final Order END = new Order(0, new byte[0]);

        private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
        private final Supplier<FollowingReplica> open;

        Follower(int number, Supplier<FollowingReplica> open) {
            super("replica " + number);
            this.open = open;
            setDaemon(true);
        }

        @Override
        public void run() {
            try (FollowingReplica replica = open.get()) {
                for (Order order = orders.take(); order.replica() > 0; order = orders.take()) {
                    replica.follow(order);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void end() {
            orders.add(END);
        }

        void awaitEnd() {
            try {
                join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
