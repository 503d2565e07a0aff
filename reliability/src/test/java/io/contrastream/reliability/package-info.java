/** What the assembled folder promises when something fails. */
package io.contrastream.reliability;
