package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.Gradients;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.objective.Objective;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;

/**
 * The first replica of an encoder, which tells the others what to do: it deals the images of every step, and hands its state on at the
 * first step and whenever it takes another one over. To its owner it is an encoder as any other.
 */
public final class LeadEncoder extends ForwardingEncoder {

    private final ReplicatedEncoder encoder;
    private final TcpCollective collective;
    private final InetAddress address;
    private final Consumer<Order> orders;
    private final ReplicaMetrics metrics;
    private boolean joined;

    /**
     * The first replica. It and the collective are this one's to close.
     *
     * @param collective not connected yet
     * @param address of this machine, as the others reach it
     * @param orders takes what is to reach the others, each its own in their order
     * @param metrics where the times of its steps go
     */
    public LeadEncoder(
            ReplicatedEncoder encoder,
            TcpCollective collective,
            InetAddress address,
            Consumer<Order> orders,
            ReplicaMetrics metrics) {
        super(encoder);
        this.encoder = encoder;
        this.collective = collective;
        this.address = address;
        this.orders = orders;
        this.metrics = metrics;
    }

    @Override
    public StepResult train(StepInput input, Objective objective, StepRate rate) {
        join();
        List<Shard> shards = Shard.deal(input, collective.replicas());
        for (int replica = 1; replica < shards.size(); replica++) {
            OrderFormat.Step step = new OrderFormat.Step(step(), rate.factor(), shards.get(replica));
            orders.accept(new Order(replica, OrderFormat.step(step)));
        }
        return metrics.time(collective::nanos, () -> encoder.apply(encoder.gradients(shards.get(0), objective), rate));
    }

    /** @throws UnsupportedOperationException always: the others take a step as a whole */
    @Override
    public Gradients gradients(StepInput input, Objective objective) {
        throw new UnsupportedOperationException("one of several learners takes a step as a whole");
    }

    private void join() {
        if (!joined) {
            long token = new SecureRandom().nextLong();
            int port = collective.listen(address);
            orderAll(OrderFormat.join(new OrderFormat.Invitation(address.getHostAddress(), port, token)));
            collective.accept(token);
            joined = true;
            handOver();
        }
    }

    private void orderAll(byte[] content) {
        for (int replica = 1; replica < collective.replicas(); replica++) {
            orders.accept(new Order(replica, content));
        }
    }

    /** The others have nothing of their own: what they know is from here. */
    private void handOver() {
        if (joined) {
            orderAll(OrderFormat.takeOver());
            collective.send(StateBytes.of(encoder.state()));
            encoder.compare();
        }
    }

    @Override
    public void load(EncoderState state) {
        super.load(state);
        handOver();
    }

    @Override
    public void recalibrate(float[] images, int n) {
        super.recalibrate(images, n);
        handOver();
    }

    @Override
    public void close() {
        try (collective) {
            super.close();
        }
    }
}
