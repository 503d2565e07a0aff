package io.contrastream.operators.learn.option;

import java.io.Serializable;

/**
 * Where a new model starts from: weights, or a whole learner, or neither.
 *
 * @param weights URI of a safetensors file or of a release; empty to start from the seed
 * @param weightsSha256 hash that the file must have, as 64 lower-case hexadecimal digits; empty to take any
 * @param state URI of a savepoint, a checkpoint or a release whose learner it starts from, and not from weights; empty to start without
 */
public record InitialModel(String weights, String weightsSha256, String state) implements Serializable {

    /** Weights that are drawn from the seed. */
    public static final InitialModel OF_SEED = new InitialModel("", "", "");
}
