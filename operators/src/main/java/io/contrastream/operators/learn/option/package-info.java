/** Options of the learning operator, checked when they are made, and advice that names them. Depends on no other package of {@code learn}. */
package io.contrastream.operators.learn.option;
