/** The embedding job: its main, its options, and the release that it begins with. */
package io.contrastream.jobs.embedding;
