package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.NonFiniteTest;

class TorchNonFiniteTest extends NonFiniteTest {}
