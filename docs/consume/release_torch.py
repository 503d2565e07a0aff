#!/usr/bin/env python
"""Loads the weights of a release into PyTorch, to go on with them there.

Usage: release_torch.py RELEASE

Needs torch and safetensors, and twin.py: python/ of the assembled folder, benchmarks/peers/ of the repository.
"""

import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(root / "python"), str(root / "benchmarks/peers")]

import torch
from twin import Encoder


def load(release):
    """The network with its weights, from images in [0, 1] to unit embeddings."""
    return Encoder.load(str(pathlib.Path(release) / "encoder.safetensors"))


def main():
    model = load(sys.argv[1]).eval()
    with torch.inference_mode():
        embeddings = model(torch.full((1, model.conv1.weight.shape[1], 32, 32), 0.5))
    print(f"{sum(p.numel() for p in model.parameters())} parameters; grey has an embedding of length {embeddings.norm():.4f}")


if __name__ == "__main__":
    main()
