/** What it takes for images to wait for their labels. */
package io.contrastream.benchmarks.late;
