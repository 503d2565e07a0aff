#!/usr/bin/env python
"""The example of docs/weights.md in Python reads what `weights export` writes, and ONNX Runtime agrees with it. Where PyTorch is not installed (its package for Linux brings
several gigabytes of CUDA), NumPy takes its place: numpy_torch.py has as much of it as twin.py uses."""

import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

here = pathlib.Path(__file__).parent
stand_in = importlib.util.find_spec("torch") is None
if stand_in:
    sys.path.insert(0, str(here))
    import numpy_torch

    numpy_torch.install()
import torch

root = here.parent.parent
distribution = next((root / "distribution/target").glob("contrastream-*/bin/contrastream")).parent.parent
savepoint = root / "reliability/src/test/resources/savepoints/0.1.0/savepoint"
snippet = next(
    text for text in re.findall(r"```python\n(.*?)```", (root / "docs/weights.md").read_text(), re.DOTALL) if "from twin" in text
)
sys.path.insert(0, str(distribution / "python"))



def export(output):
    subprocess.run(
        [distribution / "bin/contrastream", "weights", "export", "--savepoint", savepoint, "--output", output],
        check=True,
        capture_output=True,
    )


with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "encoder.safetensors"
    export(file)
    pixels = numpy.random.default_rng(1).random((3, 3, 8, 8), dtype=numpy.float32)
    names = {"images": torch.from_numpy(pixels)}
    exec(snippet.replace('"encoder.safetensors"', repr(str(file))), names)
    embeddings = numpy.asarray(names["embeddings"])
    assert embeddings.shape == (3, 16), embeddings.shape
    assert numpy.allclose(numpy.linalg.norm(embeddings, axis=1), 1, atol=1e-5), embeddings
    assert not numpy.allclose(embeddings[0], embeddings[1]), embeddings
    # What PyTorch 2.15.0 makes of the first image.
    assert numpy.allclose(embeddings[0, :4], [0.258434, 0.048476, 0, 0.014369], atol=1e-5), embeddings[0, :4]

    # The ONNX model is a valid one, and gives the same.
    model = pathlib.Path(folder) / "encoder.onnx"
    export(model)
    onnx.checker.check_model(onnx.load(model), full_check=True)
    session = onnxruntime.InferenceSession(model)
    (answers,) = session.run(["embeddings"], {"images": pixels})
    cosines = (answers * embeddings).sum(axis=1) / numpy.linalg.norm(answers, axis=1) / numpy.linalg.norm(embeddings, axis=1)
    assert cosines.min() >= 0.99999, cosines
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["contrastream.architecture"] == "resnet18-slim", metadata

    # A file that lacks a tensor, has one too many or one of another shape is refused.
    from safetensors import safe_open
    from safetensors.numpy import save_file
    from twin import Encoder

    with safe_open(file, "np") as tensors:
        metadata = tensors.metadata()
        weights = {name: tensors.get_tensor(name) for name in tensors.keys()}
    damaged = [
        {name: value for name, value in weights.items() if name != "bn1.running_var"},
        weights | {"layer5.0.conv1.weight": weights["conv1.weight"]},
        weights | {"conv1.weight": weights["conv1.weight"][:, :2].copy()},
    ]
    for tensors in damaged:
        save_file(tensors, file, metadata)
        try:
            Encoder.load(str(file))
        except (ValueError, RuntimeError):
            continue
        raise AssertionError("a file that does not fit was loaded")

print(f"ONNX {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}: least cosine {cosines.min():.7f}")
print(f"{len(weights)} tensors, embeddings by {'NumPy in the place of PyTorch' if stand_in else 'PyTorch ' + torch.__version__}")
