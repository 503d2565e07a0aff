"""Prints the CRC-64-AVRO fingerprint of every schema, little-endian in hexadecimal, as SingleObjectTest expects it.

An independent twin of Avro's SchemaNormalization, written from the specification ("Parsing Canonical Form for Schemas" and
"Schema Fingerprints"). Python 3, nothing else. Run it in the root of the repository.
"""

import json
import pathlib

EMPTY = 0xC15D213AA4D7A795
TABLE = []
for i in range(256):
    fp = i
    for _ in range(8):
        fp = (fp >> 1) ^ (EMPTY & -(fp & 1))
    TABLE.append(fp)

NAMES = {}


def canonical(schema, namespace=""):
    if isinstance(schema, str):
        if schema in NAMES:
            return json.dumps(NAMES[schema])
        return json.dumps(schema)
    if isinstance(schema, list):
        return "[" + ",".join(canonical(s, namespace) for s in schema) + "]"
    kind = schema["type"]
    if kind == "array":
        return '{"type":"array","items":%s}' % canonical(schema["items"], namespace)
    if kind == "map":
        return '{"type":"map","values":%s}' % canonical(schema["values"], namespace)
    if kind not in ("record", "enum"):
        return json.dumps(kind)
    namespace = schema.get("namespace", namespace)
    full = namespace + "." + schema["name"]
    NAMES[schema["name"]] = full
    if kind == "enum":
        return '{"name":"%s","type":"enum","symbols":[%s]}' % (full, ",".join('"%s"' % s for s in schema["symbols"]))
    fields = ",".join(
        '{"name":"%s","type":%s}' % (f["name"], reference(f["type"], namespace)) for f in schema["fields"]
    )
    return '{"name":"%s","type":"record","fields":[%s]}' % (full, fields)


DEFINED = set()
DEFINITIONS = {}


def reference(schema, namespace):
    """A named type that lives in a file of its own is written out where it is used first."""
    if isinstance(schema, str) and schema in DEFINITIONS and schema not in DEFINED:
        DEFINED.add(schema)
        return canonical(DEFINITIONS[schema], namespace)
    return canonical(schema, namespace)


def fingerprint(text):
    fp = EMPTY
    for byte in text.encode("utf-8"):
        fp = (fp >> 8) ^ TABLE[(fp ^ byte) & 0xFF]
    return fp


folder = pathlib.Path("schemas/src/main/avro")
DEFINITIONS["ImageEncoding"] = json.loads((folder / "ImageEncoding.avsc").read_text())
for file in sorted(folder.glob("*.avsc")):
    if file.stem != "ImageEncoding":
        DEFINED.clear()
        print(file.stem, fingerprint(canonical(json.loads(file.read_text()))).to_bytes(8, "little").hex())
