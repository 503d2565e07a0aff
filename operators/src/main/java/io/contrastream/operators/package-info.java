/** Records between operators, and metrics that several share. A Flink function lives in the package of its operator. */
package io.contrastream.operators;
