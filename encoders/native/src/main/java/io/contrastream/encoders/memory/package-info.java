/** What engines on JavaCPP share: the memory limit of the process, what a refused allocation means, how a batch is parted. */
package io.contrastream.encoders.memory;
