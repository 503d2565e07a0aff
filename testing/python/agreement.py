#!/usr/bin/env python
"""The same images embedded by both engines, by ONNX Runtime in Java and in Python, and by PyTorch from the weights of one release: the
cosine similarity of any two embeddings of an image is at least 0.99999, the ONNX model is a valid one, and of versions that runtimes have
read since 2022. Without --release, two of a small network that has learned generated images: one as it is, and one whose embeddings are
means of those of an image and of its mirror image. Where PyTorch is not installed, NumPy takes
its place (numpy_torch.py)."""

import argparse
import importlib.util
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from safetensors import safe_open

here = pathlib.Path(__file__).parent
root = here.parent.parent
stand_in = importlib.util.find_spec("torch") is None
if stand_in:
    sys.path.insert(0, str(here))
    import numpy_torch

    numpy_torch.install()
import torch

distribution = next((root / "distribution/target").glob("contrastream-*/bin/contrastream")).parent.parent
sys.path.insert(0, str(distribution / "python"))
from twin import Encoder

LEAST_COSINE = 0.99999
# What ONNX 1.12 of June 2022 has, and ONNX Runtime 1.12 of July 2022 reads.
NEWEST_OPSET, NEWEST_IR_VERSION = 17, 8
CHUNK = 50

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--release", type=pathlib.Path, metavar="DIR", help="folder of a release")
arguments.add_argument("--images", default="synthetic", metavar="SOURCE", help="as `contrastream bench agreement` takes them")
arguments.add_argument("--limit", type=int, default=120, metavar="N", help="how many images (default: %(default)s)")
options = arguments.parse_args()


def contrastream(*command):
    done = subprocess.run([distribution / "bin/contrastream", *command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"contrastream {' '.join(map(str, command))} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def small_release(folder, mirrored):
    config = folder / "options.yaml"
    config.write_text(f"encoder.mirror-embedding: {str(mirrored).lower()}\n")
    contrastream(
        *("bench unknown --json --classes 4 --strangers 2 --stages 2 --images-per-class 40 --architecture resnet18-slim --width 4"
          " --recall 10 --held-out-share 0.3 --false-alarm-rate 0.2 --images synthetic --config").split(),
        config, "--releases", folder,
    )  # fmt: skip
    return next(folder.glob("*/*/manifest.json")).parent


def require_agreement(release, folder):
    embeddings = {}
    for engine in ("dl4j", "torch"):
        file = folder / f"{engine}.safetensors"
        contrastream("--engine", engine, "bench", "agreement", "--release", release, "--images", options.images,
                     "--limit", str(options.limit), "--output", file)  # fmt: skip
        with safe_open(file, "np") as tensors:
            images = tensors.get_tensor("images")
            embeddings[f"engine {engine}"] = tensors.get_tensor("engine")
            embeddings["ONNX Runtime in Java"] = tensors.get_tensor("onnxruntime")

    model = onnx.load(release / "encoder.onnx")
    onnx.checker.check_model(model, full_check=True)
    (opset,) = [each.version for each in model.opset_import if each.domain in ("", "ai.onnx")]
    assert len(model.opset_import) == 1, model.opset_import
    assert opset <= NEWEST_OPSET, opset
    assert model.ir_version <= NEWEST_IR_VERSION, model.ir_version

    session = onnxruntime.InferenceSession(release / "encoder.onnx")
    encoder = Encoder.load(str(release / "encoder.safetensors")).eval()
    by_onnx, by_torch, by_onnx_mirrored = [], [], []
    for first in range(0, len(images), CHUNK):
        chunk = images[first : first + CHUNK]
        by_onnx.append(session.run(["embeddings"], {"images": chunk})[0])
        by_onnx_mirrored.append(session.run(["embeddings"], {"images": numpy.ascontiguousarray(chunk[..., ::-1])})[0])
        with torch.inference_mode():
            by_torch.append(numpy.asarray(encoder(torch.from_numpy(chunk))))
    embeddings[f"ONNX Runtime {onnxruntime.__version__} in Python"] = numpy.concatenate(by_onnx)
    embeddings["NumPy in the place of PyTorch" if stand_in else f"PyTorch {torch.__version__}"] = numpy.concatenate(by_torch)

    unit = {name: normalized(rows) for name, rows in embeddings.items()}
    of_mirror_images = (normalized(by_onnx[0]) * normalized(by_onnx_mirrored[0])).sum(axis=1).min()
    print(f"{release}: {len(images)} images of {options.images}; opset {opset}, IR version {model.ir_version}, valid for"
          f" ONNX {onnx.__version__}; least cosine of mirror images {of_mirror_images:.8f}")  # fmt: skip
    for one, other in itertools.combinations(unit, 2):
        least = (unit[one] * unit[other]).sum(axis=1).min()
        print(f"least cosine {least:.8f}  {one} and {other}")
        assert least >= LEAST_COSINE, (one, other, least)
    # Images are told apart: a constant would agree with itself.
    similar = unit[next(iter(unit))] @ unit[next(iter(unit))].T
    assert similar.min() < 0.9, similar.min()
    return of_mirror_images


def normalized(rows):
    rows = rows.astype(numpy.float64)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


with tempfile.TemporaryDirectory() as temporary:
    if options.release:
        require_agreement(options.release, pathlib.Path(temporary))
    else:
        for mirrored in (False, True):
            folder = pathlib.Path(temporary) / ("mirrored" if mirrored else "plain")
            folder.mkdir()
            alike = require_agreement(small_release(folder, mirrored), folder)
            assert (alike > LEAST_COSINE) == mirrored, alike
