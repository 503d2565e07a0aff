/** {@code contrastream bench scaling}: steps of several learners in this process, beside those of one. */
package io.contrastream.benchmarks.scaling;
