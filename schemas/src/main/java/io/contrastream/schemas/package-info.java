/**
 * The Avro contract of every topic: generated classes, single-object encoding, and a decoder that allocates nothing
 * on a record's word. Nothing of Kafka.
 */
package io.contrastream.schemas;
