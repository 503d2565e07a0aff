/** How failures are told to people, in all modules. Nothing here throws or catches. */
package io.contrastream.learning.failure;
