/** Follows the topics, and hands their records to the model. */
package io.contrastream.dashboard.feed;
