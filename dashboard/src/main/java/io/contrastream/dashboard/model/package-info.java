/** Content of a page, each part bounded in memory however long the stream is. Knows neither Kafka nor HTTP. */
package io.contrastream.dashboard.model;
