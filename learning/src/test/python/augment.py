"""Golden values for ColourTest and ResizedCropTest: torchvision's functional transforms and RandomResizedCrop.

Run with torch and torchvision:  python augment.py ../resources/golden

augment.bin, big-endian: number of cases (int); for each: operation (UTF, length first as short), number of arguments (int)
and the arguments (double each), channels, height, width (int each), the pixels (planar bytes), the result (planar floats).

crops.csv: how often torchvision draws a crop of each height and width out of DRAWS for the shapes given; ten-try fallbacks
included.
"""

import struct
import sys
from collections import Counter

import torch
import torchvision.transforms.v2.functional as F
from torchvision.transforms import RandomResizedCrop

DRAWS = 100_000

torch.manual_seed(1)


def crop(image, top, left, height, width, flip):
    size = list(image.shape[-2:])
    view = F.resized_crop(image, int(top), int(left), int(height), int(width), size, antialias=True)
    return F.horizontal_flip(view) if flip else view


OPERATIONS = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
    "greyscale": lambda image: F.rgb_to_grayscale(image, num_output_channels=3),
    "crop": crop,
}

SHAPE = (3, 7, 9)
CASES = (
    [(name, [f], SHAPE) for name in ("brightness", "contrast", "saturation") for f in (0, 0.6, 1, 1.4, 2)]
    + [(name, [f], (1, 5, 4)) for name in ("brightness", "contrast") for f in (0.6, 1.4)]
    + [("hue", [f], SHAPE) for f in (-0.5, -0.1, 0, 0.03, 0.5)]
    + [("greyscale", [], SHAPE)]
    + [("crop", c, SHAPE) for c in ([0, 0, 7, 9, 0], [0, 0, 7, 9, 1], [2, 3, 4, 5, 0], [6, 0, 1, 9, 1], [1, 1, 5, 1, 0])]
)

with open(sys.argv[1] + "/augment.bin", "wb") as out:
    out.write(struct.pack(">i", len(CASES)))
    for name, arguments, shape in CASES:
        pixels = torch.randint(0, 256, shape, dtype=torch.uint8)
        pixels[:, 0] = pixels[0, 0].clone()  # a row of greys, which have no hue
        pixels[:, 1] = torch.where(pixels[:, 1] > 127, 255, 0)  # a row of pure colours
        result = OPERATIONS[name](pixels.float() / 255, *arguments)
        out.write(struct.pack(">H", len(name)) + name.encode())
        out.write(struct.pack(f">i{len(arguments)}d", len(arguments), *arguments))
        out.write(struct.pack(">3i", *shape))
        out.write(pixels.numpy().tobytes())
        out.write(result.numpy().astype(">f4").tobytes())

with open(sys.argv[1] + "/crops.csv", "w") as out:
    out.write("image_height,image_width,min_scale,height,width,count\n")
    for image_height, image_width, min_scale in ((8, 8, 0.2), (4, 12, 0.5), (10, 7, 0.9)):
        image = torch.zeros(3, image_height, image_width)
        counts = Counter()
        for _ in range(DRAWS):
            _, _, height, width = RandomResizedCrop.get_params(image, [min_scale, 1.0], [3 / 4, 4 / 3])
            counts[height, width] += 1
        for (height, width), count in sorted(counts.items()):
            out.write(f"{image_height},{image_width},{min_scale},{height},{width},{count}\n")
