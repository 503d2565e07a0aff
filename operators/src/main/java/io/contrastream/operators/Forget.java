package io.contrastream.operators;

/**
 * An order to forget an image: what was learned from it stays in the weights, but it leaves replay memory and all that is published.
 * It travels among the images, behind those that came before it.
 *
 * @param id of the image, of 1 to 256 characters
 */
public record Forget(String id) {}
