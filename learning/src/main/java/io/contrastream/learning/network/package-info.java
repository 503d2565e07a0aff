/**
 * Networks as descriptions: nodes, shapes and the names of parameters, from which every engine builds itself. No
 * arithmetic.
 */
package io.contrastream.learning.network;
