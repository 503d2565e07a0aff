package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.RepeatabilityTest;

class TorchRepeatabilityTest extends RepeatabilityTest {}
