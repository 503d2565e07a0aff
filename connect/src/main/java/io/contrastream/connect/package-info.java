/**
 * A plugin of Kafka Connect, by which sink connectors read the topics: {@link io.contrastream.connect.SingleObjectConverter} makes
 * Connect's records of Avro's single-object encoding, {@link io.contrastream.connect.QdrantPoint} the messages that Qdrant's connector
 * takes.
 */
package io.contrastream.connect;
