package io.contrastream.operators.replica;

import io.contrastream.learning.encoder.ReplicaException;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.objective.Objective;

/** A replica of an encoder beside the first one, whose orders it follows. */
public final class FollowingReplica implements AutoCloseable {

    private final ReplicatedEncoder encoder;
    private final TcpCollective collective;
    private final Objective objective;
    private final ReplicaMetrics metrics;

    /**
     * A replica. The encoder and the collective are this one's to close.
     *
     * @param collective not connected yet
     * @param objective of all steps
     * @param metrics where the times of its steps go
     */
    public FollowingReplica(
            ReplicatedEncoder encoder, TcpCollective collective, Objective objective, ReplicaMetrics metrics) {
        this.encoder = encoder;
        this.collective = collective;
        this.objective = objective;
        this.metrics = metrics;
    }

    /**
     * Does what it is told.
     *
     * @throws ReplicaException if the first one is lost, or this one differs from it
     */
    public void follow(Order order) {
        OrderFormat.read(order.content(), new OrderFormat.Visitor() {
            @Override
            public void join(OrderFormat.Invitation invitation) {
                collective.connect(invitation.host(), invitation.port(), invitation.token());
            }

            @Override
            public void takeOver() {
                encoder.load(StateBytes.read(collective.receive()));
                encoder.compare();
            }

            @Override
            public void step(OrderFormat.Step step) {
                if (step.before() != encoder.step()) {
                    throw new ReplicaException("replica " + collective.replica() + " of " + collective.replicas()
                            + " is at step " + encoder.step() + ", but is to take its part in the one after "
                            + step.before());
                }
                metrics.time(
                        collective::nanos,
                        () -> encoder.apply(encoder.gradients(step.shard(), objective), new StepRate(step.rate())));
            }
        });
    }

    @Override
    public void close() {
        try (collective) {
            encoder.close();
        }
    }
}
