/** Formats of the bytes of the topics' records: JSON, the framing of a schema registry, and the client of one. */
package io.contrastream.topics.format;
