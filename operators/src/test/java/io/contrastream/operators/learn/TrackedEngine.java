package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.objective.Objective;

/** Makes one reference encoder, which can be told to fail, and remembers whether it was closed. */
final class TrackedEngine implements EncoderEngine {

    private Encoder encoder;
    private int closed;
    private boolean diverging;
    private boolean exhausted;
    private float factor = 1;

    @Override
    public String name() {
        return "tracked";
    }

    @Override
    public Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed) {
        if (encoder != null) {
            throw new IllegalStateException("one task needs one encoder");
        }
        encoder = new Tracked(new ReferenceEncoder(spec, training, seed));
        return encoder;
    }

    EncoderState state() {
        return encoder.state();
    }

    int closed() {
        return closed;
    }

    /** From now on no step has a finite loss. */
    void diverge() {
        diverging = true;
    }

    /** From now on every step needs more memory than there is. */
    void exhaust() {
        exhausted = true;
    }

    /** From now on the last image of those that are embedded together has an embedding of this length. */
    void embedLastWithLength(float length) {
        factor = length;
    }

    private final class Tracked extends ForwardingEncoder {

        Tracked(Encoder reference) {
            super(reference);
        }

        @Override
        public StepResult train(StepInput input, Objective objective, StepRate rate) {
            if (exhausted) {
                throw new EncoderMemoryException("training", spec(), new OutOfMemoryError("2 bytes are above 1"));
            }
            return diverging ? new StepResult(Float.NaN, false) : super.train(input, objective, rate);
        }

        @Override
        public float[] embed(float[] images, int n) {
            float[] rows = super.embed(images, n);
            for (int i = rows.length - spec().embeddingSize(); i < rows.length; i++) {
                rows[i] *= factor;
            }
            return rows;
        }

        @Override
        public void close() {
            closed++;
            super.close();
        }
    }
}
