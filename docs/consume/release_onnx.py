#!/usr/bin/env python
"""Embeds an image with a release, by ONNX Runtime, and finds the nearest prototype.

Usage: release_onnx.py RELEASE IMAGE

RELEASE is the folder of a release. Needs onnxruntime, fastavro, numpy and pillow.
"""

import json
import pathlib
import sys

import fastavro
import numpy
import onnxruntime
from PIL import Image


class Release:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.session = onnxruntime.InferenceSession(self.folder / "encoder.onnx")
        with (self.folder / "prototypes.avro").open("rb") as file:
            prototypes = list(fastavro.reader(file))
        self.labels = [prototype["label"] for prototype in prototypes]
        self.prototypes = numpy.array([prototype["vector"] for prototype in prototypes], numpy.float32)  # [C, D]

    def embed(self, images):
        """Unit embeddings [N, D] of images [N, C, H, W] in [0, 1]."""
        return self.session.run(["embeddings"], {"images": images})[0]

    def nearest(self, embeddings):
        """The label and cosine similarity of the nearest prototype of each."""
        similarities = embeddings @ self.prototypes.T  # [N, C]
        best = similarities.argmax(axis=1)
        return [(self.labels[c], float(similarities[n, c])) for n, c in enumerate(best)]

    def pixels(self, file):
        """An image as the jobs would hand it to the encoder, if it has its size; else scaled as Pillow does, which differs slightly."""
        _, channels, height, width = self.session.get_inputs()[0].shape
        image = Image.open(file).convert("RGB" if channels == 3 else "L")
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        pixels = numpy.asarray(image, numpy.float32) / 255
        return pixels.reshape(height, width, channels).transpose(2, 0, 1)[None]


def main():
    release = Release(sys.argv[1])
    embeddings = release.embed(release.pixels(sys.argv[2]))
    label, similarity = release.nearest(embeddings)[0]
    print(f"version {release.manifest['version']} of model {release.manifest['model']}: {label}, similarity {similarity:.3f}")


if __name__ == "__main__":
    main()
