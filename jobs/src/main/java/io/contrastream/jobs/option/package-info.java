/**
 * The options of the jobs: what they are called, what they mean, what they may be, and where they are read from.
 *
 * <p>Every job has {@link io.contrastream.jobs.option.Settings} of its own; what is here can be among those of any. A run's options
 * come from a YAML file and from arguments ({@link io.contrastream.jobs.option.OptionSource}) and are checked as a whole
 * before anything runs ({@link io.contrastream.jobs.option.OptionValues}).
 */
package io.contrastream.jobs.option;
