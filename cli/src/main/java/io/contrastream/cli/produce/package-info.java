/**
 * {@code contrastream produce}: images of a data set as records of a topic. Where the images come from is {@code
 * datasets}' business.
 */
package io.contrastream.cli.produce;
