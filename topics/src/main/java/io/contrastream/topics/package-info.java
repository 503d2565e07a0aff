/** The topics of the system: names, partitions, clean-up policies, and their creation. */
package io.contrastream.topics;
