/**
 * The Torch engine: a network as LibTorch's operations, forwards and backwards, with views, losses and optimiser on
 * the same device. Only the engine is public, and no tensor leaves the package. What needs CUDA when it is compiled
 * is in the module {@code torch-cuda}.
 */
package io.contrastream.encoders.torch;
