package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.HalfPrecisionTest;

class TorchPrecisionTest extends HalfPrecisionTest {}
