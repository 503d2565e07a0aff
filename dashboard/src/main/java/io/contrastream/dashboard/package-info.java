/** The live page: follows the topics, keeps what a page shows of them, and serves it to browsers. */
package io.contrastream.dashboard;
