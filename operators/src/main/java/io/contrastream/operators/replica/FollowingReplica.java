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

    /**
     * A replica. The encoder and the collective are this one's to close.
     *
     * @param collective not connected yet
     * @param objective of all steps
     */
    public FollowingReplica(ReplicatedEncoder encoder, TcpCollective collective, Objective objective) {
        this.encoder = encoder;
        this.collective = collective;
        this.objective = objective;
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
                encoder.apply(encoder.gradients(step.shard(), objective), new StepRate(step.rate()));
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
