"""Makes the images of the resource folder `pillow` and what Pillow reads from them.

Every image is 13 x 9 pixels. NAME.png or NAME.jpg is the image; NAME.rgb is what Pillow's convert("RGB") makes of it and NAME.luma
what convert("L") makes of that, planar, one byte a sample.

Made with Pillow 13.0.0. Run: python pillow_images.py FOLDER
"""

import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 13, 9
random = np.random.default_rng(7)


def smooth(channels, levels=256):
    """Gradients with some noise, so that JPEG has something to keep."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [(x * (13 + 3 * c) + y * (7 + 5 * c)) % 256 * (levels / 256) for c in range(channels)]
    noise = random.uniform(0, levels / 16, (HEIGHT, WIDTH, channels))
    return np.clip(np.stack(planes, axis=-1) + noise, 0, levels - 1).astype(np.uint16 if levels > 256 else np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, colour, depth, *before):
    """A PNG of a colour type and bit depth that Pillow cannot write."""
    rows = []
    for row in samples.reshape(HEIGHT, -1):
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        elif depth == 8:
            packed = row.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(value), f"0{depth}b") for value in row)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        rows.append(b"\0" + packed)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(before) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def images():
    rgb = Image.fromarray(smooth(3))
    rgba = Image.fromarray(smooth(4))
    grey = Image.fromarray(smooth(1)[..., 0])
    palette = rgb.quantize(37)
    yield "grey-1.png", saved(grey.convert("1"), "PNG")
    yield "grey-2.png", png(smooth(1, 4), 0, 2)
    yield "grey-4.png", png(smooth(1, 16), 0, 4)
    yield "grey-8.png", saved(grey, "PNG")
    yield "grey-8-transparent.png", saved(grey, "PNG", transparency=17)
    yield "grey-8-gamma.png", png(np.asarray(grey), 0, 8, chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "grey-alpha-8.png", saved(Image.merge("LA", rgba.split()[2:]), "PNG")
    yield "palette-2.png", saved(rgb.quantize(4), "PNG", bits=2)
    yield "palette-8.png", saved(palette, "PNG")
    yield "palette-8-transparent.png", saved(palette, "PNG", transparency=3)
    yield "rgb-8.png", saved(rgb, "PNG")
    yield "rgb-8-transparent.png", saved(rgb, "PNG", transparency=rgb.getpixel((2, 3)))
    yield "rgb-8-animated.png", saved(rgb, "PNG", save_all=True, append_images=[Image.fromarray(smooth(3)[::-1].copy())])
    yield "rgb-16.png", png(smooth(3, 65536), 2, 16)
    yield "rgba-8.png", saved(rgba, "PNG")
    yield "rgba-16.png", png(smooth(4, 65536), 6, 16)
    yield "grey.jpg", saved(grey, "JPEG", quality=90)
    yield "colour-444.jpg", saved(rgb, "JPEG", quality=90, subsampling=0)
    yield "colour-420.jpg", saved(rgb, "JPEG", quality=90, subsampling=2)
    yield "colour-progressive.jpg", saved(rgb, "JPEG", quality=90, progressive=True)
    yield "colour-restarts.jpg", saved(rgb, "JPEG", quality=90, restart_marker_blocks=1)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "colour-exif.jpg", saved(rgb, "JPEG", quality=90, exif=exif, comment=b"a comment", icc_profile=b"not a profile")
    yield "colour-rgb.jpg", saved(rgb, "JPEG", quality=90, keep_rgb=True)


def planar(image):
    samples = np.asarray(image)
    return (samples.transpose(2, 0, 1) if samples.ndim == 3 else samples).tobytes()


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, data in images():
    (folder / name).write_bytes(data)
    image = Image.open(io.BytesIO(data)).convert("RGB")
    stem = name.rsplit(".", 1)[0]
    (folder / f"{stem}.rgb").write_bytes(planar(image))
    (folder / f"{stem}.luma").write_bytes(planar(image.convert("L")))
