package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.parity.NonFiniteTest;

class Dl4jNonFiniteTest extends NonFiniteTest {}
