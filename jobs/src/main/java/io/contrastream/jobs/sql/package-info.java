/** Functions for Flink SQL over the topics. No job uses them. */
package io.contrastream.jobs.sql;
