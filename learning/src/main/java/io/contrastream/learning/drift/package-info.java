/** Detectors of drift: of the share of wrong predictions, and of where embeddings lie. They know neither the learner nor a clock. */
package io.contrastream.learning.drift;
