package io.contrastream.embedding;

/**
 * The prototype that is nearest to an embedding.
 *
 * @param label its class
 * @param similarity cosine similarity, in [-1, 1]
 * @param strangeness of the image to all classes, at least 0
 */
public record Nearest(String label, float similarity, double strangeness) {}
