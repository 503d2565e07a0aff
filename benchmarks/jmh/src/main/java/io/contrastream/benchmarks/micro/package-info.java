/** JMH benchmarks of single operations. {@code benchmarks/micro} runs them; nothing else does. */
package io.contrastream.benchmarks.micro;
