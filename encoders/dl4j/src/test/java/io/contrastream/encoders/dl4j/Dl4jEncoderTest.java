package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.parity.EngineTest;

class Dl4jEncoderTest extends EngineTest {

    Dl4jEncoderTest() {
        super("dl4j");
    }
}
