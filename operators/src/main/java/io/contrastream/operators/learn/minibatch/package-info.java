/** The life of a mini-batch: its images come together, it is closed and learned, and what comes of it is stored and published. */
package io.contrastream.operators.learn.minibatch;
