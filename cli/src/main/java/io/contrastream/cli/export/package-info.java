/** What other tools read: event files of TensorBoard, and the files of its projector. */
package io.contrastream.cli.export;
