/**
 * The few classes of the assembled folder itself: Flink's command line in sentences, and the plugin that logs why a
 * job failed. Nothing of jobs and learning may live here.
 */
package io.contrastream.distribution;
