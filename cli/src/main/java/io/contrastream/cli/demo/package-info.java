/** The whole system in one process: a broker, a Flink cluster, a producer, the learning job and somebody who looks on. */
package io.contrastream.cli.demo;
