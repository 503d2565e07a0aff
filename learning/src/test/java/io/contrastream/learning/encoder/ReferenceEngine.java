package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;

/**
 * Makes {@link ReferenceEncoder}s, for tests. To have {@link EncoderEngine#find} find it, name it in a
 * {@code META-INF/services} file of the test's own resources.
 */
public final class ReferenceEngine implements EncoderEngine {

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed) {
        return new ReferenceEncoder(spec, training, seed);
    }
}
