/** What the tests of jobs share: a broker, images, looks into topics and savepoints. */
package io.contrastream.jobs.testing;
