/** Tests of the assembled folder's promises when something fails. */
package io.contrastream.reliability;
