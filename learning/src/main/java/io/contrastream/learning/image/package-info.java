/** Images as bytes in planes, and resizing as Pillow does it. File formats are decoded elsewhere. */
package io.contrastream.learning.image;
