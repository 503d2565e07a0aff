/**
 * The weights of a network under the names of torchvision, SupContrast and our own, and whether a file fits a
 * network.
 */
package io.contrastream.releases.weights;
