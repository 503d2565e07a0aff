"""Golden values for AdwinTest: where River's ADWIN finds changes.

Run with River (0.26):  python adwin.py ../resources/golden/adwin.csv

A line holds: name, delta, whether the window starts anew after a change (class ADWIN) or drops what is old and goes on (its window alone,
the algorithm of the paper), positions of the changes found, then size, sum and sum of squared deviations of the window at the end, and the
values as digits. The first three streams are those of River's documentation and tests, with the changes that are published there.
"""

import importlib.metadata
import random
import sys

import numpy
from river import drift
from river._river_rust.drift import AdaptiveWindowing


def bits(rng, probabilities):
    return [int(rng.random() < p) for p in probabilities]


def published():
    rng = random.Random(12345)
    yield "documentation", rng.choices([0, 1], k=1000) + rng.choices(range(4, 8), k=1000), [1023]
    numpy.random.seed(12345)
    parts = numpy.random.randint(2, size=1000), numpy.random.randint(8, size=1000)
    yield "basic", [int(v) for v in numpy.concatenate(parts)], [1023]
    rng = random.Random(42)
    low, high = [0, 1], range(4, 8)
    yield "multiple", sum((rng.choices(k, k=1000) for k in (low, high, low, high)), []), [1023, 2015, 3007]


def planted():
    yield "none", [0.3] * 6000
    yield "sudden", [0.2] * 3000 + [0.5] * 3000
    yield "fall", [0.8] * 1000 + [0.4] * 1000
    yield "gradual", [0.2] * 2000 + [0.2 + 0.3 * i / 2000 for i in range(2000)] + [0.5] * 2000
    yield "recurring", ([0.1] * 1000 + [0.4] * 1000) * 3
    yield "learning", [max(0.25, 1 - i / 4000) for i in range(6000)]
    yield "rare", [0.01] * 5000 + [0.03] * 5000


def river(values, delta):
    detector, found = drift.ADWIN(delta=delta), []
    for i, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            found.append(i)
    end = AdaptiveWindowing(delta=delta, clock=32, max_buckets=5, min_window_length=5, grace_period=10) if (
        detector.drift_detected
    ) else detector._helper
    return found, end


def window(values, delta):
    end = AdaptiveWindowing(delta=delta, clock=32, max_buckets=5, min_window_length=5, grace_period=10)
    return [i for i, value in enumerate(values) if end.update(value)], end


streams = []
for name, values, changes in published():
    assert river(values, 0.002)[0] == changes, name
    streams.append((name, values))
rng = random.Random(1)
streams += [(name, bits(rng, probabilities)) for name, probabilities in planted()]

with open(sys.argv[1], "w") as out:
    out.write(f"name,delta,anew,changes,size,sum,squares,values # River {importlib.metadata.version('river')}\n")
    for name, values in streams:
        for delta in (0.002, 0.2):
            for anew, run in ((True, river), (False, window)):
                found, end = run(values, delta)
                cells = (
                    name,
                    delta,
                    str(anew).lower(),
                    " ".join(map(str, found)),
                    int(end.get_width()),
                    end.get_total(),
                    repr(end.get_variance()),
                    "".join(map(str, values)) if delta == 0.002 and anew else "",
                )
                out.write(",".join(map(str, cells)) + "\n")
