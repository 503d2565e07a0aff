package io.contrastream.operators.learn.minibatch;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.learner.DivergedException;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.operators.learn.option.MemoryAdvice;
import io.contrastream.operators.learn.origin.LearnerOrigin;
import io.contrastream.operators.learn.state.LearnerStateStore;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * A learner and its encoder, which are closed together. The encoder has the weights of the state that the learner goes on from at once;
 * the learner takes over the rest when its memory can be read, for which Flink needs the key.
 */
public final class OpenLearner implements AutoCloseable {

    private final Encoder encoder;
    private final Learner learner;
    /** The state that the learner has not taken over yet; null if there is none. */
    private LearnerOrigin origin;

    /** @param learner of the encoder; both are this one's to close */
    public OpenLearner(Encoder encoder, Learner learner) {
        this.encoder = encoder;
        this.learner = learner;
    }

    /**
     * Begins to go on from a state.
     *
     * @throws IllegalArgumentException naming what differs, if it does not fit the encoder or the options
     */
    public void goOnFrom(LearnerOrigin from) {
        learner.requireFit(from.state());
        encoder.load(from.state().encoder());
        origin = from;
    }

    /** Has the learner take over the state that it goes on from, if it has not yet. */
    public void takeOver(LearnerStateStore store) throws Exception {
        if (origin != null) {
            origin.remember(store);
            learner.restore(origin.state(), store.slots());
            origin = null;
        }
    }

    public Encoder encoder() {
        return encoder;
    }

    public Learner learner() {
        return learner;
    }

    /** Version of the encoder: optimiser steps since the model's start. */
    public long version() {
        return encoder.step();
    }

    public long imagesSeen() {
        return origin == null
                ? learner.figures().imagesSeen()
                : origin.state().progress().imagesSeen();
    }

    /**
     * Learns a mini-batch.
     *
     * @throws SuppressRestartsException if the learner gives up: the same images from the same checkpoint would end in the same way
     */
    MiniBatchResult learn(List<Example> batch) {
        try {
            return MemoryAdvice.advised(() -> learner.learn(batch));
        } catch (DivergedException e) {
            throw new SuppressRestartsException(e);
        }
    }

    /**
     * Sees to it that the store has the learner as it is, for a checkpoint.
     *
     * @param model its name
     * @param reports state of the reports; null to leave it as it is
     */
    public void snapshot(LearnerStateStore store, String model, byte[] reports) throws Exception {
        if (origin == null) {
            store.snapshot(model, learner.state(), reports);
        } else if (!origin.inStore()) {
            origin.remember(store);
            store.snapshot(model, origin.state(), null);
        }
    }

    @Override
    public void close() {
        learner.close();
        encoder.close();
    }
}
