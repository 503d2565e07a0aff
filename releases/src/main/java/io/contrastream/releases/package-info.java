/** An encoder on disk: the files of weights of any kind, and their errors. The formats are in the packages below. */
package io.contrastream.releases;
