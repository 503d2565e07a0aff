"""Makes the WebP files of DecodingBenchmark, since the JDK cannot write them: waves with a little noise.

Made with Pillow 13.0.0. Run: python waves.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

random = np.random.default_rng(1)
for side in (32, 224):
    y, x = np.mgrid[0:side, 0:side]
    level = (127 + 100 * np.sin(x / 9 + y / 13)).astype(int) + random.integers(0, 12, (side, side))
    image = Image.fromarray(np.stack([level, 255 - level, level // 2], -1).astype(np.uint8))
    image.save(Path(sys.argv[1]) / f"waves-{side}.webp", quality=75)
