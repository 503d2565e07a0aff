package io.contrastream.learning.encoder;

import io.contrastream.learning.objective.Objective;

/**
 * One of several replicas of an encoder, each with the same weights, which take every step together: each makes the gradients of its
 * {@link Shard}, the sum is everybody's, and so is the update. With it, batch normalisation takes the statistics of all shards, and
 * contrastive losses see the views of all of them: the replicas give what one encoder gives with all views, except for rounding.
 *
 * <p>A method of {@link Encoder} that takes a step works with all views on one replica alone, which is of no use where there are others.
 */
public interface ReplicatedEncoder extends Encoder {

    /**
     * Computes an objective of the views of all replicas and its gradients, as {@link #gradients(StepInput, Objective)}. All replicas call
     * it, with shards of one step, and then {@link #apply} with the same rate, which compares the replicas.
     *
     * @throws ReplicaException naming the replica that is lost or does not answer in time
     */
    Gradients gradients(Shard shard, Objective objective);

    /**
     * Takes the optimiser step, and finds out whether the replicas are still equal.
     *
     * @throws ReplicaException naming the step and the replica that differs, that is lost or does not answer in time
     */
    @Override
    StepResult apply(Gradients gradients, StepRate rate);

    /**
     * Compares the replicas; all of them call it.
     *
     * @throws ReplicaException as {@link #apply}
     */
    void compare();
}
