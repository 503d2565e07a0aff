/** A Flink cluster in this process, as {@code learn}, {@code embed} and {@code demo} run one. It knows no job. */
package io.contrastream.cli.local;
