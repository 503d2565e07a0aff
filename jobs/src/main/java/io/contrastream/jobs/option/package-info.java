/**
 * The options of the jobs: what they are called, what they mean, what they may be, and where they are read from.
 *
 * <p>{@link io.contrastream.jobs.option.Settings} lists them all; the classes it gathers hold one group each. A run's options
 * come from a YAML file and from arguments ({@link io.contrastream.jobs.option.OptionSource}) and are checked as a whole
 * before anything runs ({@link io.contrastream.jobs.option.OptionValues}).
 */
package io.contrastream.jobs.option;
