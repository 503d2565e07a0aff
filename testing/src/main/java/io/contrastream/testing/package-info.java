/**
 * Shared by the tests of several modules: a broker in this process and what is sent to it, and the assembled folder as processes
 * that a test owns.
 */
package io.contrastream.testing;
