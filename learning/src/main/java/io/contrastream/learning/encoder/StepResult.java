package io.contrastream.learning.encoder;

/**
 * Result of an optimiser step.
 *
 * @param loss before the step; where it was not taken, whatever came out
 * @param taken whether it was: see {@link Gradients#usable}
 */
public record StepResult(float loss, boolean taken) {}
