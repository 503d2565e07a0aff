package io.contrastream.cli;

/**
 * A command of the command line that is in a jar of its own. It is annotated for picocli, and found with
 * {@link java.util.ServiceLoader} where that jar is on the class path.
 */
public interface AddedCommand {}
