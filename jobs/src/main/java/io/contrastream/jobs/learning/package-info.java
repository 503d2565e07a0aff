/**
 * The learning job: its main, its topology, its options as a whole, and the ids of its operators. What an operator
 * does may not live here.
 */
package io.contrastream.jobs.learning;
