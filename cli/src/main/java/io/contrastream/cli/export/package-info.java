/** Exports for other tools: event files of TensorBoard, and the files of its projector. */
package io.contrastream.cli.export;
