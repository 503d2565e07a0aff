package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.EncoderEngine;
import java.io.Serializable;

/** Where a task takes its engine from, on the machine that it runs on. */
@FunctionalInterface
public interface EngineSource extends Serializable {

    /** The one engine on the class path. */
    EngineSource CLASS_PATH = EncoderEngine::find;

    /**
     * The engine.
     *
     * @throws IllegalStateException if there is none, saying what to do
     */
    EncoderEngine find();
}
