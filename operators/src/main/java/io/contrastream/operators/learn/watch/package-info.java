/**
 * Reports, metrics and lines in the log about how the learning goes. They listen to what the learner does and change nothing of it; what of
 * them goes on after a restore is written down here and stored elsewhere.
 */
package io.contrastream.operators.learn.watch;
