package io.contrastream.benchmarks.learner;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.objective.Objective;

/** An encoder that sums up how long training and embedding take. */
final class TimedEncoder extends ForwardingEncoder {

    private long nanos;

    TimedEncoder(Encoder encoder) {
        super(encoder);
    }

    /** Time spent so far inside of {@link #train} and {@link #embed}. */
    long nanos() {
        return nanos;
    }

    @Override
    public float[] embed(float[] images, int n) {
        long start = System.nanoTime();
        float[] embeddings = super.embed(images, n);
        nanos += System.nanoTime() - start;
        return embeddings;
    }

    @Override
    public StepResult train(StepInput input, Objective objective, StepRate rate) {
        long start = System.nanoTime();
        StepResult result = super.train(input, objective, rate);
        nanos += System.nanoTime() - start;
        return result;
    }
}
