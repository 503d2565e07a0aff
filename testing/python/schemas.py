#!/usr/bin/env python
"""Every schema file is loaded alone by fastavro, by avro for Python and by avro-tools, whose fingerprints are those of
docs/formats.md; what one writes the others read; and the page's example reads what it has written. avro-tools comes from Maven's
repository at the first time."""

import io
import json
import os
import pathlib
import re
import subprocess

import avro.io
import avro.schema
import fastavro
import fastavro.schema

SAMPLE = {
    "id": "one",
    "label": "ein Fräulein",
    "image": b"\x89PNG",
    "encoding": "PNG",
    "width": None,
    "height": 7,
    "eventTime": 1_700_000_000_000,
    "attributes": {"camera": "left"},
}

files = sorted(pathlib.Path("schemas").glob("*.avsc"))
documented = dict(re.findall(r"\[(\w+)\]\(\.\./schemas/\w+\.avsc\) \| `([0-9a-f]{16})`", pathlib.Path("docs/formats.md").read_text()))
assert documented and documented.keys() == {file.stem for file in files}, (documented, files)

for file in files:
    canonical = fastavro.schema.to_parsing_canonical_form(fastavro.schema.load_schema(file))
    by_fastavro = fastavro.schema.fingerprint(canonical, "CRC-64-AVRO")
    # Avro's own canonical form has {"type": "long"} where a logical type was, so its fingerprint is of fastavro's.
    avro.schema.parse(file.read_text())
    by_avro = avro.schema.parse(canonical).fingerprint().hex()
    assert by_fastavro == by_avro == documented[file.stem], (file, by_fastavro, by_avro, documented.get(file.stem))

AVRO_TOOLS = "1.12.0"
jar = pathlib.Path(f"target/avro-tools/avro-tools-{AVRO_TOOLS}.jar")
if not jar.exists():
    subprocess.run(
        ["mvn", "-B", "-q", "-N", "dependency:copy", f"-Dartifact=org.apache.avro:avro-tools:{AVRO_TOOLS}", f"-DoutputDirectory={jar.parent.absolute()}"],
        check=True,
    )
java = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java"


def avro_tools(*arguments):
    return subprocess.run([java, "-jar", jar, *arguments], check=True, capture_output=True).stdout


printed = [text.split()[0] for text in avro_tools("fingerprint", "--fingerprint", "CRC-64-AVRO", *files).decode().splitlines()]
assert printed == [documented[file.stem] for file in files], printed
schema = fastavro.schema.load_schema("schemas/LabelledImage.avsc")
written = io.BytesIO()
fastavro.schemaless_writer(written, schema, SAMPLE)
reader = avro.io.DatumReader(avro.schema.parse(pathlib.Path("schemas/LabelledImage.avsc").read_text()))
read = reader.read(avro.io.BinaryDecoder(io.BytesIO(written.getvalue())))
container = jar.with_name("sample.avro")
with container.open("wb") as out:
    fastavro.writer(out, schema, [SAMPLE])
by_tools = json.loads(avro_tools("tojson", "--reader-schema-file", "schemas/LabelledImage.avsc", container))
by_tools["height"] = by_tools["height"]["int"]
for record in (read, by_tools):
    assert {key: record[key] for key in ("id", "label", "encoding", "height")} == {
        key: SAMPLE[key] for key in ("id", "label", "encoding", "height")
    }, record

example = re.search(r"```python\n(.*?)```", pathlib.Path("docs/formats.md").read_text(), re.DOTALL).group(1)
names = {}
exec(example, names)
prototype = {"label": "a", "vector": [0.5], "support": 1, "dispersion": 1.0, "encoderVersion": 2, "updatedAt": 0}
names["schema"] = fastavro.schema.load_schema("schemas/ClassPrototype.avsc")
names["header"] = b"\xc3\x01" + bytes.fromhex(documented["ClassPrototype"])
assert names["decode"](names["encode"](prototype))["vector"] == [0.5]
