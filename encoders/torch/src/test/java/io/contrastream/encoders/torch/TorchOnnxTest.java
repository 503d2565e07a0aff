package io.contrastream.encoders.torch;

import io.contrastream.releases.onnx.OnnxAgainstEngine;

class TorchOnnxTest extends OnnxAgainstEngine {}
