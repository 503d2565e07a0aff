/**
 * The seam between learning and engines: an encoder, a step's input and result, its state in one canonical form. No
 * implementation of an engine may live here.
 */
package io.contrastream.learning.encoder;
