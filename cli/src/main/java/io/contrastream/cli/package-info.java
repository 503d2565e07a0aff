/** The command line. */
package io.contrastream.cli;
