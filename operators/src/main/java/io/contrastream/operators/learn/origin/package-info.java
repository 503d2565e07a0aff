/** The states that a learner goes on or begins from, and whether they fit its options: the same before a job is submitted and where it runs. */
package io.contrastream.operators.learn.origin;
