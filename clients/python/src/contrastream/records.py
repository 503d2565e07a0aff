"""Records, and their values on the topics: Avro's single-object encoding with any released schema."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import fastavro
import numpy as np
from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form
from numpy.typing import NDArray

from contrastream.errors import FormatError

_MARKER = b"\xc3\x01"
_HEADER_BYTES = 10


@dataclass(frozen=True, eq=False)
class Embedding:
    """The embedding of one image under one version of the encoder.

    `vector` has length 1, so that a dot product is the cosine similarity; vectors of different `encoder_version` are comparable only
    approximately. `label` is None for a query; `nearest_label` and `nearest_similarity` are None while there is no prototype. `origin`
    is LEARNED, REFRESHED, QUERIED, or UNKNOWN for one that is newer than this package. `unknown` is whether a query's image is of
    none of the model's classes, None where that was not judged. `further_labels` are other labels that came with the image, and
    `further_nearest` the labels and similarities of the next nearest prototypes, in descending order, where the job names them.
    """

    id: str
    label: str | None
    nearest_label: str | None
    nearest_similarity: float | None
    vector: NDArray[np.float32]
    encoder_version: int
    event_time: datetime
    embedded_at: datetime
    origin: str
    unknown: bool | None
    further_labels: tuple[str, ...] = ()
    further_nearest: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Forgotten:
    """An image that has been taken back: what was made of it is to be deleted."""

    id: str


class Codec:
    """Reads what any released version of a record's schema has written, and writes the newest."""

    def __init__(self, record: str) -> None:
        self._record = record
        folder = files("contrastream").joinpath("schemas", record)
        versions = sorted(folder.iterdir(), key=lambda file: int(file.name.removesuffix(".avsc")))
        self._schemas: dict[bytes, Any] = {}
        for file in versions:
            text = json.loads(file.read_text("utf-8"))
            key = bytes.fromhex(fingerprint(to_parsing_canonical_form(text), "CRC-64-AVRO"))
            self._newest = self._schemas[key] = parse_schema(text)
            self._header = _MARKER + key

    @property
    def fingerprint(self) -> str:
        """Of the newest version, as bytes in their order."""
        return self._header[len(_MARKER) :].hex()

    def encode(self, fields: dict[str, Any]) -> bytes:
        out = io.BytesIO()
        out.write(self._header)
        fastavro.schemaless_writer(out, self._newest, fields)
        return out.getvalue()

    def decode(self, value: bytes) -> dict[str, Any]:
        """Fields by the newest version's names.

        Raises:
            FormatError: the value is of no released version
        """
        schema = self._schemas.get(value[len(_MARKER) : _HEADER_BYTES])
        if schema is None or not value.startswith(_MARKER):
            known = ", ".join(key.hex() for key in self._schemas)
            raise FormatError(
                f"a value of {len(value)} bytes that begins with {value[:_HEADER_BYTES].hex() or 'nothing'}, where a {self._record} begins"
                f" with c301 and one of {known}"
            )
        try:
            fields = fastavro.schemaless_reader(io.BytesIO(value[_HEADER_BYTES:]), schema, self._newest)
        except Exception as e:  # fastavro raises whatever a damaged byte leads it to.
            raise FormatError(f"a {self._record} of {len(value)} bytes that cannot be read: {e}") from e
        assert isinstance(fields, dict)
        return fields


@cache
def codec(record: str) -> Codec:
    """That of a record, by its name."""
    return Codec(record)


def embedding(value: bytes) -> Embedding:
    """The embedding that a record's value has.

    Raises:
        FormatError: it is none
    """
    fields = codec("Embedding").decode(value)
    return Embedding(
        id=fields["id"],
        label=fields["label"],
        nearest_label=fields["nearestLabel"],
        nearest_similarity=fields["nearestSimilarity"],
        vector=np.asarray(fields["vector"], np.float32),
        encoder_version=fields["encoderVersion"],
        event_time=fields["eventTime"],
        embedded_at=fields["embeddedAt"],
        origin=fields["origin"],
        unknown=fields["unknown"],
        further_labels=tuple(fields["furtherLabels"]),
        further_nearest=tuple(zip(fields["furtherNearestLabels"], fields["furtherNearestSimilarities"])),
    )
