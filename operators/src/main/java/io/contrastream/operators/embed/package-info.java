/** Embedding queries with released encoders. What a release is may not live here. */
package io.contrastream.operators.embed;
