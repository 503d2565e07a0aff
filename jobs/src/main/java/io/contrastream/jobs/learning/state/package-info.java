/**
 * How a job starts again: the states that it has left, which of them is the newest, and whether going on from it would lose
 * something. Nothing here runs a job.
 */
package io.contrastream.jobs.learning.state;
