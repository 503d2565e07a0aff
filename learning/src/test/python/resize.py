"""Golden values for PixelResizeTest: Pillow's bilinear resize of random images.

Run with Pillow and numpy:  python resize.py ../resources/golden/resize.bin

File, big-endian: number of cases (int); for each: channels, height, width, new height, new width (int each), the
source pixels and the resized pixels, both planar.
"""

import struct
import sys

import numpy as np
from PIL import Image

CASES = [
    (3, 32, 32, 32, 32),
    (3, 37, 53, 32, 32),
    (3, 8, 11, 32, 32),
    (1, 105, 105, 28, 28),
    (3, 9, 100, 20, 16),
    (3, 1, 1, 4, 5),
    (1, 50, 3, 7, 3),
]

rng = np.random.default_rng(1)
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack(">i", len(CASES)))
    for channels, height, width, new_height, new_width in CASES:
        image = rng.integers(0, 256, (channels, height, width), dtype=np.uint8)
        # half of every image is smooth, half is noise with full contrast
        ramp = np.linspace(0, 255, width).astype(np.uint8)
        image[:, : height // 2] = ramp
        resized = np.stack(
            [
                np.asarray(Image.fromarray(plane).resize((new_width, new_height), Image.BILINEAR))
                for plane in image
            ]
        )
        out.write(struct.pack(">5i", channels, height, width, new_height, new_width))
        out.write(image.tobytes())
        out.write(resized.tobytes())
