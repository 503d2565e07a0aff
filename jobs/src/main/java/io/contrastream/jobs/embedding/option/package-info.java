/** Options of the embedding job. */
package io.contrastream.jobs.embedding.option;
