package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.parity.RepeatabilityTest;

class Dl4jRepeatabilityTest extends RepeatabilityTest {}
