#!/usr/bin/env python
"""The client for Python without a broker: its types, the schemas that it has, and its index against a search in double precision."""

import pathlib
import re
import subprocess
import sys
from datetime import datetime, timezone

import fastavro
import numpy
from contrastream.index import Index
from contrastream.records import Codec, Embedding, embedding
from contrastream.errors import FormatError

root = pathlib.Path(__file__).resolve().parents[2]
package = root / "clients/python/src/contrastream"
subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", root / "target/mypy", package], check=True)

# The newest schema of every record is the documented one, and the oldest is read too.
documented = re.findall(r"\[(\w+)\]\(\.\./schemas/\w+\.avsc\) \| `([0-9a-f]{16})`", (root / "docs/formats.md").read_text())
assert {record for record, _ in documented} == {file.stem for file in (root / "schemas").glob("*.avsc")}, documented
assert all(Codec(record).fingerprint == known for record, known in documented), documented
NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, timezone.utc)
fields = {"id": "a", "label": None, "nearestLabel": "b", "nearestSimilarity": 0.5, "vector": [1.0, 0.0], "encoderVersion": 7,
          "eventTime": NOW, "embeddedAt": NOW, "origin": "QUERIED"}  # fmt: skip
codec = Codec("Embedding")
for file in sorted((package / "schemas/Embedding").iterdir()):
    schema = fastavro.schema.load_schema(file)
    known = bytes.fromhex(fastavro.schema.fingerprint(fastavro.schema.to_parsing_canonical_form(schema), "CRC-64-AVRO"))
    out = pathlib.Path(root / "target/record.bin")
    with out.open("wb") as stream:
        stream.write(b"\xc3\x01" + known)
        fastavro.schemaless_writer(stream, schema, fields)
    later = {"unknown": None, "furtherLabels": [], "furtherNearestLabels": [], "furtherNearestSimilarities": []}
    assert codec.decode(out.read_bytes()) == fields | later, file
    try:
        codec.decode(out.read_bytes()[:-9])
    except FormatError as e:
        assert "cannot be read" in str(e), e
    else:
        raise AssertionError("a record that is cut off was read")

several = embedding(codec.encode(fields | {"furtherLabels": ["c"], "furtherNearestLabels": ["d", "e"], "furtherNearestSimilarities": [0.25, -1.0]}))
assert (several.further_labels, several.further_nearest) == (("c",), (("d", 0.25), ("e", -1.0))), several

# Puts, replacements and removals, and then the same neighbours as by sorting all cosines.
random = numpy.random.default_rng(3)
index, vectors, versions = Index(), {}, {}
for step in range(6000):
    image = f"image {random.integers(2500)}"
    if random.random() < 0.2:
        index.forget(image)
        vectors.pop(image, None)
    else:
        vector = random.normal(size=24)
        vectors[image], versions[image] = vector / numpy.linalg.norm(vector), int(random.integers(2))
        index.put(Embedding(image, None, None, None, vectors[image].astype(numpy.float32), versions[image], NOW, NOW, "LEARNED", None))
assert {each.id for each in index} == vectors.keys() and len(index) == len(vectors) > 1024
for version in (None, 1):
    query = random.normal(size=24)
    cosines = {image: float(vector @ query / numpy.linalg.norm(query)) for image, vector in vectors.items()
               if version is None or versions[image] == version}  # fmt: skip
    best = sorted(cosines, key=cosines.__getitem__, reverse=True)
    found = index.nearest(query, 20, version, best[3])
    assert [each.id for _, each in found] == best[:3] + best[4:21], found
    assert all(abs(similarity - cosines[each.id]) < 1e-6 for similarity, each in found)
    assert all(numpy.allclose(each.vector, vectors[each.id], atol=1e-7) for _, each in found)
for wrong in (numpy.ones(23), numpy.zeros(24), numpy.full(24, numpy.nan)):
    try:
        index.nearest(wrong, 1, None, None)
    except ValueError:
        continue
    raise AssertionError(f"{wrong} was searched for")
try:
    index.put(Embedding("other", None, None, None, numpy.ones(3, numpy.float32), 1, NOW, NOW, "LEARNED", None))
except FormatError as e:
    assert "'other' has 3 components, the others 24" in str(e), e
else:
    raise AssertionError("a vector of another network was taken")
print(f"{len(index)} vectors after 6,000 changes: the neighbours are those by sorting all cosines")
