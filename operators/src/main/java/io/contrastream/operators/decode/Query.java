package io.contrastream.operators.decode;

/**
 * An image to embed.
 *
 * @param id identity of the image, of 1 to 256 characters
 * @param pixels planar 8-bit pixels [C, H, W] of the encoder's input shape; not copied, never written to
 * @param eventTimeMillis milliseconds since 1970-01-01T00:00Z; carried along, not used
 */
public record Query(String id, byte[] pixels, long eventTimeMillis) {}
