package io.contrastream.operators.replica;

/**
 * An order of the first learner to another one: to join, to take over weights, or to take its part in a step.
 *
 * @param replica number of the other one, from 1
 * @param content as {@link OrderFormat} has it
 */
public record Order(int replica, byte[] content) {}
