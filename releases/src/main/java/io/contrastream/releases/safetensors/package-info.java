/** Safetensors files, read and written. Knows no network. */
package io.contrastream.releases.safetensors;
