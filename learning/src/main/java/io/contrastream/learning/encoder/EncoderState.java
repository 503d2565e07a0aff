package io.contrastream.learning.encoder;

import io.contrastream.learning.network.Tensor;
import java.util.List;

/**
 * Everything that training changes in an encoder, in canonical form, so that it moves between engines.
 *
 * @param fingerprint of the {@link io.contrastream.learning.network.EncoderSpec}
 * @param step optimiser steps taken since the model's start: the encoder version, at least 0
 * @param parameters all arrays of the network, in the order and with the names of {@code Network.parameters()}
 * @param optimizerSlots what the optimiser remembers of every trained parameter, in that order; the names are
 *     {@code <slot>/<parameter>}, where the slot is PyTorch's name: {@code momentum_buffer} for SGD with momentum,
 *     {@code exp_avg} and {@code exp_avg_sq} for Adam (first all of the one, then all of the other); empty for plain SGD and
 *     before the first step
 */
public record EncoderState(String fingerprint, long step, List<Tensor> parameters, List<Tensor> optimizerSlots) {

    public EncoderState {
        parameters = List.copyOf(parameters);
        optimizerSlots = List.copyOf(optimizerSlots);
    }
}
