/** Class means of embeddings, and the nearest of them. */
package io.contrastream.learning.prototype;
