/** Random numbers as a pure function of (seed, purpose, step, index). Nothing else may draw. */
package io.contrastream.learning.random;
