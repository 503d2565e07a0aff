/** When the learner releases its encoder, and whether. How a release is written is {@code releases}' business. */
package io.contrastream.operators.release;
