/** Replay memory: which images are kept, and which are recalled. */
package io.contrastream.learning.replay;
