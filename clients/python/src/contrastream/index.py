"""Unit vectors by image id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrastream.errors import FormatError
from contrastream.records import Embedding

_NO_VECTOR: NDArray[np.float32] = np.empty(0, np.float32)


class Index:
    """The newest embedding of every image, compared exactly; from some hundred thousand images on, a vector database is the place."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._embeddings: list[Embedding] = []  # without their vectors, which are the matrix's rows
        self._vectors: NDArray[np.float32] = np.empty((0, 0), np.float32)

    def __len__(self) -> int:
        return len(self._embeddings)

    def __iter__(self) -> Iterator[Embedding]:
        return (self._at(row) for row in range(len(self)))

    def get(self, image: str) -> Embedding | None:
        row = self._rows.get(image)
        return None if row is None else self._at(row)

    def _at(self, row: int) -> Embedding:
        return replace(self._embeddings[row], vector=self._vectors[row].copy())

    def put(self, embedding: Embedding) -> None:
        """Takes the place of the image's embedding before it.

        Raises:
            FormatError: it has another number of components than those that are there
        """
        components = len(embedding.vector)
        if len(self) > 0 and components != self._vectors.shape[1]:
            raise FormatError(
                f"the vector of image '{embedding.id}' has {components} components, the others {self._vectors.shape[1]}:"
                " a topic of embeddings is of one network"
            )
        row = self._rows.setdefault(embedding.id, len(self))
        if row == len(self):
            self._embeddings.append(embedding)
            if row >= len(self._vectors) or self._vectors.shape[1] != components:
                larger = np.zeros((max(1024, 2 * row), components), np.float32)
                larger[:row] = self._vectors[:row] if row else 0
                self._vectors = larger
        self._vectors[row] = embedding.vector
        self._embeddings[row] = replace(embedding, vector=_NO_VECTOR)

    def forget(self, image: str) -> None:
        """The last row takes the place of the one that goes. An image that is not there is none to forget."""
        row = self._rows.pop(image, None)
        if row is None:
            return
        last = self._embeddings.pop()
        if row < len(self):
            self._embeddings[row] = last
            self._vectors[row] = self._vectors[len(self)]
            self._rows[last.id] = row

    def nearest(self, vector: ArrayLike, k: int, encoder_version: int | None, without: str | None) -> list[tuple[float, Embedding]]:
        """The k images with the largest cosine similarity, from the largest on."""
        query = np.asarray(vector, np.float32)
        if query.ndim != 1 or (len(self) > 0 and len(query) != self._vectors.shape[1]):
            raise ValueError(f"vector has shape {query.shape}, the embeddings have ({self._vectors.shape[1]},)")
        length = float(np.linalg.norm(query))
        if not np.isfinite(length) or length == 0:
            raise ValueError(f"vector has length {length}, which must be finite and above 0")
        if k < 1:
            raise ValueError(f"k is {k}, but must be at least 1")
        similarities = self._vectors[: len(self)] @ (query / np.float32(length)) if len(self) else np.empty(0, np.float32)
        wanted = np.full(len(self), True)
        if encoder_version is not None:
            wanted = np.fromiter((each.encoder_version == encoder_version for each in self._embeddings), bool, len(self))
        if without is not None and without in self._rows:
            wanted[self._rows[without]] = False
        rows = np.flatnonzero(wanted)
        if k < len(rows):
            rows = rows[np.argpartition(-similarities[rows], k - 1)[:k]]
        return [(float(similarities[row]), self._at(row)) for row in rows[np.argsort(-similarities[rows], kind="stable")]]
