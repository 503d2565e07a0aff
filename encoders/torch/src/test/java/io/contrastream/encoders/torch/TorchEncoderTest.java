package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.EngineTest;

class TorchEncoderTest extends EngineTest {

    TorchEncoderTest() {
        super("torch");
    }
}
