/** Shared by engines on JavaCPP: how native libraries come from their jars into a process. */
package io.contrastream.encoders.library;
