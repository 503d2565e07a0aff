/** Shared by engines on JavaCPP: the memory limit of the process, the meaning of a refused allocation, the parts of a batch. */
package io.contrastream.encoders.memory;
