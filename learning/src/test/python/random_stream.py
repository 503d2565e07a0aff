"""Golden values for RandomStreamTest and NetworkTest: RandomStream written again in Python.

Run with Python 3:  python random_stream.py ../resources/golden/random-stream.csv

A line holds: seed, purpose, step, index, then three of nextLong, and from fresh streams of the same origin
nextDouble, nextInt(1000) and nextGaussian.
"""

import math
import sys

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Stream:
    def __init__(self, seed, purpose, step, index):
        state = mix((seed + GAMMA) & MASK)
        for part in (purpose, step, index):
            state = mix(state ^ ((part + GAMMA) & MASK))
        self.state = state

    def long(self):
        self.state = (self.state + GAMMA) & MASK
        return mix(self.state)

    def double(self):
        return (self.long() >> 11) * 2.0**-53

    def int(self, bound):
        return ((self.long() >> 32) * bound) >> 32

    def gaussian(self):
        radius = math.sqrt(-2 * math.log(1 - self.double()))
        return radius * math.cos(2 * math.pi * self.double())


def signed(value):
    return value - (1 << 64) if value >> 63 else value


PURPOSES = {"INITIALISE": 1, "AUGMENT": 2, "RECALL": 3, "REMEMBER": 4, "GENERATE": 5, "SHUFFLE": 6}

ORIGINS = [
    (0, "INITIALISE", 0, 0),
    (1, "INITIALISE", 0, 0),
    (-1, "AUGMENT", 17, 3),
    (42, "RECALL", 1 << 40, 0),
    (7, "REMEMBER", -1, 5),
    (1 << 62, "GENERATE", 9, -9),
    (3, "SHUFFLE", 2, 1),
]

with open(sys.argv[1], "w") as out:
    out.write("seed,purpose,step,index,long1,long2,long3,double,int1000,gaussian\n")
    for seed, purpose, step, index in ORIGINS:
        origin = (seed, PURPOSES[purpose], step, index)
        stream = Stream(*origin)
        longs = [signed(stream.long()) for _ in range(3)]
        rest = [Stream(*origin).double(), Stream(*origin).int(1000), Stream(*origin).gaussian()]
        out.write(",".join(map(str, [seed, purpose, step, index, *longs, *rest])) + "\n")
