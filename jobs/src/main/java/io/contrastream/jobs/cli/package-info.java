/** The command line. */
package io.contrastream.jobs.cli;
