/** Options of the learning job, a class for each group of keys. A new option goes here; its range is checked here. */
package io.contrastream.jobs.learning.option;
