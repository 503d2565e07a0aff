/**
 * Views of images: what is drawn for a view ({@link io.contrastream.learning.augment.View}), and making it on the
 * host. Draws come from (seed, step, position) alone.
 */
package io.contrastream.learning.augment;
