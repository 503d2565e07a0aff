/** A Kafka broker inside this process, for the demo and the tests. */
package io.contrastream.broker;
