/** Data sets of labelled images, and the order in which a class-incremental stream brings them. */
package io.contrastream.datasets;
