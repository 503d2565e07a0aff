/** Small pictures of the images of records. */
package io.contrastream.dashboard.image;
