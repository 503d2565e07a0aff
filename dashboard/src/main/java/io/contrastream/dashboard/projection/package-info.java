/** From unit vectors to places on a plane, such that what moves on it is what has moved in the space. The JDK alone. */
package io.contrastream.dashboard.projection;
