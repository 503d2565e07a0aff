"""Holds the changes of errors that `contrastream bench drift --json` has found against River's ADWIN on the same errors.

Run with River (0.26):  contrastream bench drift --json > drift.json; python benchmarks/peers/drift.py drift.json

It prints a line a stream, and ends with 1 if a change differs.
"""

import json
import sys

from river import drift

report = json.load(open(sys.argv[1]))
same = True
for stream in report["streams"]:
    detector, found = drift.ADWIN(delta=report["error_delta"]), []
    for images, error in enumerate(stream["errors"], 1):
        detector.update(int(error))
        if detector.drift_detected:
            found.append(images)
    equal = found == stream["error_changes"]
    same &= equal
    print(stream["course"], stream["change"], "same" if equal else f"River {found}, here {stream['error_changes']}", len(found))
sys.exit(not same)
