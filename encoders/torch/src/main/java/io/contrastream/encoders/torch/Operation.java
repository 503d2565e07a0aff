package io.contrastream.encoders.torch;

import org.bytedeco.pytorch.Tensor;

/**
 * A node of the network as it runs. Both ways run in a {@link org.bytedeco.javacpp.PointerScope} of their own: what is to outlive
 * it goes onto the tape.
 */
interface Operation {

    /** The node's output for those of its inputs on the tape; remembers there what the way back needs. */
    Tensor forward(Tape tape);

    /**
     * Hands the gradient of the node's output on to its inputs and to its parameters.
     *
     * @param gradient all of it, or the first one of two parts if it takes them
     */
    void backward(Tape tape, Tensor gradient);

    /** Whether it takes a gradient of two parts from the tape without their sum. */
    default boolean takesParts() {
        return false;
    }
}
