/**
 * {@code contrastream bench}: the command that the others are found under. A benchmark lives in a package of its own;
 * no job knows of it.
 */
package io.contrastream.benchmarks;
