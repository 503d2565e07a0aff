/**
 * Releases as folders of any file system that Flink has: writing, listing, reading and verifying them. What decides whether an encoder
 * is released may not live here.
 */
package io.contrastream.releases.folder;
