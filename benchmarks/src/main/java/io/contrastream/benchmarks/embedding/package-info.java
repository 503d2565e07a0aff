/** {@code contrastream bench embedding}: the embedding job from topic to topic, beside bare ONNX Runtime. */
package io.contrastream.benchmarks.embedding;
