/** {@code contrastream bench} of images that wait for their labels: memory, state and time. */
package io.contrastream.benchmarks.late;
