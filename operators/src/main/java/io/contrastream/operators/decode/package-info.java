/**
 * From Kafka's bytes to examples and queries: Avro, the checks of an image before a pixel is decoded, decoders for
 * every format, and why a record is rejected. Nothing here learns or embeds.
 */
package io.contrastream.operators.decode;
