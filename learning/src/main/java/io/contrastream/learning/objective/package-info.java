/**
 * Objectives of a step, as values: an engine lowers them to its own operations, and a twin in double precision among the tests says
 * what they mean. A new term is one record here, one lowering in each engine, and one twin. No arithmetic.
 */
package io.contrastream.learning.objective;
