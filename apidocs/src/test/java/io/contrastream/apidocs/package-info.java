/** Tests of the examples that the Javadoc has. */
package io.contrastream.apidocs;
