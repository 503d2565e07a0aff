/**
 * Tests that every engine extends: the numbers of PyTorch, the same bits on every run, its bounds. No type of an
 * engine may appear here.
 */
package io.contrastream.encoders.parity;
