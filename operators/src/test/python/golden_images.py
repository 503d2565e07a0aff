"""Makes golden-images.zip: images of every kind that is read, and what Pillow reads from them.

For every image NAME the archive has NAME itself and NAME.rgb: what convert("RGB") makes of it, as it is stored. NAME.upright is
there too if a viewer shows something else: turned as its orientation says (ImageOps.exif_transpose), or composited on white
(Image.alpha_composite). Both files are width and height as two big-endian 16-bit numbers, then the samples, planar. Images under
truncated/ are read with LOAD_TRUNCATED_IMAGES. Images under refused/ are kinds that are rejected by design, so have no pixels.

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0, libwebp 1.6.0, libtiff 4.7.2), numpy and tifffile.
Run: python golden_images.py golden-images.zip
"""

import io
import struct
import sys
import zipfile
import zlib

import numpy as np
import tifffile
from PIL import Image, ImageFile, ImageOps

random = np.random.default_rng(15)
SIZES = [(13, 9), (16, 16), (1, 1), (17, 2), (40, 33)]


def smooth(width, height, channels, levels=256):
    """Gradients, an edge and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * (9 + 5 * c) + y * (7 + 3 * c)) % 256 * (levels / 256) for c in range(channels)]
    image = np.stack(planes, axis=-1)
    image[(x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2] *= 0.4
    image = np.clip(image + random.uniform(0, levels / 16, image.shape), 0, levels - 1)
    return image.astype(np.uint16 if levels > 256 else np.uint8)


def picture(width=13, height=9, mode="RGB"):
    return Image.fromarray(smooth(width, height, len(mode)).squeeze(-1) if len(mode) == 1 else smooth(width, height, len(mode)), mode)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# JPEG


def segments(jpeg):
    """(marker, payload) up to the first scan, and the rest from that scan's marker on."""
    at, found = 2, []
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        found.append((jpeg[at + 1], jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return found, jpeg[at:]


def joined(found, rest):
    return b"\xff\xd8" + b"".join(b"\xff" + bytes([m]) + struct.pack(">H", len(p) + 2) + p for m, p in found) + rest


def adobe(transform):
    return (0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))


JFIF = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def dressed(jpeg, ids=None, markers=()):
    """Another set of component ids and of application markers."""
    found, rest = segments(jpeg)
    found = [(m, p) for m, p in found if not 0xE0 <= m <= 0xEF]
    if ids:
        old = {}
        for i, (m, p) in enumerate(found):
            if 0xC0 <= m <= 0xC2:
                p = bytearray(p)
                for c, new in enumerate(ids):
                    old[p[6 + 3 * c]] = new
                    p[6 + 3 * c] = new
                found[i] = (m, bytes(p))
        rest = bytearray(rest)
        at = 0
        while at < len(rest) - 4:  # every scan header
            if rest[at] == 0xFF and rest[at + 1] == 0xDA:
                for c in range(rest[at + 4]):
                    rest[at + 5 + 2 * c] = old[rest[at + 5 + 2 * c]]
            at += 1
        rest = bytes(rest)
    return joined(list(markers) + found, rest)


def exif(orientation, endian="<"):
    ifd = struct.pack(endian + "HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    head = (b"II*\0" if endian == "<" else b"MM\0*") + struct.pack(endian + "I", 8)
    return b"Exif\0\0" + head + ifd


def jpegs():
    for width, height in SIZES:
        rgb = picture(width, height)
        yield f"grey-{width}x{height}.jpg", saved(rgb.convert("L"), "JPEG", quality=85)
        for name, sampling in [("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0")]:
            yield f"{name}-{width}x{height}.jpg", saved(rgb, "JPEG", quality=85, subsampling=sampling)
        yield f"progressive-{width}x{height}.jpg", saved(rgb, "JPEG", quality=75, progressive=True, subsampling="4:2:0")
    rgb, large = picture(), picture(40, 33)
    for name, sampling in [("411", "4:1:1"), ("440", "4:4:0")]:
        try:
            yield f"{name}.jpg", saved(large, "JPEG", quality=90, subsampling=sampling)
        except (TypeError, ValueError):
            pass
    for quality in (1, 25, 50, 100):
        yield f"quality-{quality}.jpg", saved(large, "JPEG", quality=quality)
    yield "progressive-444.jpg", saved(large, "JPEG", quality=90, progressive=True, subsampling=0)
    yield "progressive-grey.jpg", saved(large.convert("L"), "JPEG", progressive=True)
    yield "restarts.jpg", saved(large, "JPEG", restart_marker_blocks=1)
    yield "restarts-progressive.jpg", saved(large, "JPEG", restart_marker_rows=1, progressive=True)
    yield "optimized.jpg", saved(large, "JPEG", optimize=True)
    yield "comment-icc.jpg", saved(rgb, "JPEG", comment=b"a comment", icc_profile=b"not a profile")
    plain = saved(rgb, "JPEG", quality=90, subsampling=0)
    sampled = saved(large, "JPEG", quality=90, subsampling=2)
    grey = saved(rgb.convert("L"), "JPEG", quality=90)
    for name, ids in [("012", (0, 1, 2)), ("123", (1, 2, 3)), ("rgb", b"RGB"), ("231", (2, 3, 1)), ("ycc", b"YCc"), ("big", (200, 201, 7))]:
        yield f"ids-{name}-bare.jpg", dressed(plain, ids)
        yield f"ids-{name}-jfif.jpg", dressed(plain, ids, [JFIF])
        yield f"ids-{name}-exif.jpg", dressed(plain, ids, [(0xE1, exif(1))])
        yield f"ids-{name}-420-bare.jpg", dressed(sampled, ids)
    yield "ids-grey-7.jpg", dressed(grey, (7,))
    yield "ids-012-progressive.jpg", dressed(saved(rgb, "JPEG", progressive=True, subsampling=0), (0, 1, 2))
    for transform in (0, 1, 2, 9):
        yield f"adobe-{transform}.jpg", dressed(plain, None, [adobe(transform)])
        yield f"adobe-{transform}-jfif.jpg", dressed(plain, None, [JFIF, adobe(transform)])
        yield f"adobe-{transform}-jfif-last.jpg", dressed(plain, None, [adobe(transform), JFIF])
        yield f"adobe-{transform}-420.jpg", dressed(sampled, None, [adobe(transform)])
        yield f"adobe-{transform}-grey.jpg", dressed(grey, None, [adobe(transform)])
        yield f"adobe-{transform}-ids-rgb.jpg", dressed(plain, b"RGB", [adobe(transform)])
    yield "keep-rgb.jpg", saved(rgb, "JPEG", keep_rgb=True)
    yield "keep-rgb-progressive.jpg", saved(rgb, "JPEG", keep_rgb=True, progressive=True)
    for name, options in [("", {}), ("-progressive", {"progressive": True}), ("-420", {"subsampling": 2}), ("-restarts", {"restart_marker_blocks": 2})]:
        cmyk = saved(Image.fromarray(smooth(40, 33, 4), "CMYK"), "JPEG", quality=90, **options)
        yield f"cmyk{name}.jpg", cmyk
        yield f"cmyk{name}-bare.jpg", dressed(cmyk)
        yield f"cmyk{name}-jfif.jpg", dressed(cmyk, None, [JFIF])
        yield f"ycck{name}.jpg", dressed(cmyk, None, [adobe(2)])
        yield f"ycck{name}-jfif.jpg", dressed(cmyk, None, [JFIF, adobe(2)])
        yield f"cmyk{name}-adobe-1.jpg", dressed(cmyk, None, [adobe(1)])
        yield f"cmyk{name}-ids.jpg", dressed(cmyk, b"CMYK", [adobe(0)])
    yield "cmyk-icc.jpg", saved(Image.fromarray(smooth(13, 9, 4), "CMYK"), "JPEG", icc_profile=b"not a profile")
    for orientation in range(1, 9):
        yield f"orientation-{orientation}.jpg", saved(rgb, "JPEG", exif=exif(orientation))
        yield f"orientation-{orientation}-big-endian.jpg", saved(rgb, "JPEG", exif=exif(orientation, ">"))
    yield "orientation-0.jpg", saved(rgb, "JPEG", exif=exif(0))
    yield "orientation-9.jpg", saved(rgb, "JPEG", exif=exif(9))
    yield "orientation-grey-6.jpg", saved(rgb.convert("L"), "JPEG", exif=exif(6))
    yield "orientation-cmyk-8.jpg", saved(Image.fromarray(smooth(13, 9, 4), "CMYK"), "JPEG", exif=exif(8))
    yield "exif-cut.jpg", saved(rgb, "JPEG", exif=exif(6)[:20])
    yield "no-end-trailer.jpg", plain[:-2] + bytes(24)
    yield "no-end-trailer-420.jpg", sampled[:-2] + b"MOTOROLA" * 8
    yield "no-end-trailer-grey.jpg", grey[:-2] + b"\0" * 64
    yield "behind-the-end.jpg", plain + b"anything" * 9
    yield "two-in-one.jpg", plain + sampled
    yield "fill-bytes.jpg", plain[:2] + b"\xff" * 5 + plain[2:]
    yield "mpo.jpg", saved(rgb, "MPO", save_all=True, append_images=[picture()])
    for name, jpeg in [("444", plain), ("420", sampled), ("grey", grey), ("cmyk", saved(Image.fromarray(smooth(40, 33, 4), "CMYK"), "JPEG"))]:
        yield f"truncated/{name}-no-end.jpg", jpeg[:-2]
        yield f"truncated/{name}-half.jpg", jpeg[: len(jpeg) - (len(jpeg) - jpeg.index(b"\xff\xda")) // 2]


# PNG


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, depth):
    """Rows of [H, W, C] samples, each of a filter type of its own."""
    rows, before = [], None
    pixel = max(1, samples.shape[2] * depth // 8)
    for y, row in enumerate(samples.reshape(samples.shape[0], -1)):
        if depth == 16:
            raw = np.frombuffer(row.astype(">u2").tobytes(), np.uint8)
        elif depth == 8:
            raw = row.astype(np.uint8)
        else:
            bits = "".join(format(int(value), f"0{depth}b") for value in row)
            bits += "0" * (-len(bits) % 8)
            raw = np.array([int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)], np.uint8)
        raw = raw.astype(int)
        up = np.zeros_like(raw) if before is None else before
        left, upleft = np.concatenate([np.zeros(pixel, int), raw])[: len(raw)], np.concatenate([np.zeros(pixel, int), up])[: len(raw)]
        p = left + up - upleft
        pa, pb, pc = abs(p - left), abs(p - up), abs(p - upleft)
        paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, up, upleft))
        kind = y % 5
        predicted = [np.zeros_like(raw), left, up, (left + up) // 2, paeth][kind]
        rows.append(bytes([kind]) + ((raw - predicted) % 256).astype(np.uint8).tobytes())
        before = raw
    return b"".join(rows)


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, colour, depth, *before, interlaced=False, data=lambda rows: zlib.compress(rows)):
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
        rows = b"".join(packed(part, depth) for part in parts if part.size)
    else:
        rows = packed(samples, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(before) + chunk(b"IDAT", data(rows)) + chunk(b"IEND", b"")


def pngs():
    kinds = [(0, 1, 1), (0, 2, 1), (0, 4, 1), (0, 8, 1), (0, 16, 1), (2, 8, 3), (2, 16, 3), (3, 1, 1), (3, 2, 1), (3, 4, 1), (3, 8, 1), (4, 8, 2), (4, 16, 2), (6, 8, 4), (6, 16, 4)]
    for colour, depth, channels in kinds:
        for width, height in [(13, 9), (1, 1), (33, 20)]:
            for interlaced in (False, True):
                samples = smooth(width, height, channels, 2**depth)
                palette = [chunk(b"PLTE", random.integers(0, 256, 3 * 2**depth, np.uint8).tobytes())] if colour == 3 else []
                yield f"type-{colour}-{depth}-{width}x{height}{'-interlaced' if interlaced else ''}.png", png(samples, colour, depth, *palette, interlaced=interlaced)
    grey, rgb, indexed = smooth(13, 9, 1), smooth(13, 9, 3), smooth(13, 9, 1) % 16
    palette = chunk(b"PLTE", random.integers(0, 256, 48, np.uint8).tobytes())
    yield "transparent-grey.png", png(grey, 0, 8, chunk(b"tRNS", struct.pack(">H", grey[2, 3, 0])))
    yield "transparent-grey-4.png", png(grey >> 4, 0, 4, chunk(b"tRNS", struct.pack(">H", grey[2, 3, 0] >> 4)))
    yield "transparent-rgb.png", png(rgb, 2, 8, chunk(b"tRNS", struct.pack(">HHH", *rgb[2, 3])))
    yield "transparent-palette.png", png(indexed, 3, 8, palette, chunk(b"tRNS", bytes([0, 50, 100, 150, 200])))
    yield "transparent-palette-4-interlaced.png", png(indexed, 3, 4, palette, chunk(b"tRNS", bytes([255, 0, 255, 150])), interlaced=True)
    yield "gamma.png", png(grey, 0, 8, chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "text-icc.png", saved(Image.fromarray(rgb), "PNG", icc_profile=b"not a profile", dpi=(72, 72))
    yield "animated.png", saved(Image.fromarray(rgb), "PNG", save_all=True, append_images=[picture()])
    whole = png(rgb, 2, 8)
    compressed = whole[whole.index(b"IDAT") + 4 : -16]
    yield "split.png", whole[: whole.index(b"IDAT") - 4] + b"".join(chunk(b"IDAT", compressed[i : i + 7]) for i in range(0, len(compressed), 7)) + whole[-12:]
    yield "few-colours.png", png(smooth(13, 9, 1), 3, 8, palette)
    for orientation in (3, 6, 8):
        yield f"orientation-{orientation}.png", png(rgb, 2, 8, chunk(b"eXIf", exif(orientation)[6:]))
    yield "orientation-alpha-5.png", png(smooth(13, 9, 4), 6, 8, chunk(b"eXIf", exif(5)[6:]))
    for name, whole in [("rgb", png(smooth(40, 33, 3), 2, 8)), ("palette", png(smooth(40, 33, 1) % 16, 3, 8, palette)), ("grey-16", png(smooth(40, 33, 1, 65536), 0, 16))]:
        yield f"truncated/{name}.png", whole[: len(whole) * 2 // 3]
        yield f"truncated/{name}-no-end.png", whole[:-12]


# GIF


def gifs():
    for width, height in SIZES:
        yield f"plain-{width}x{height}.gif", saved(picture(width, height).quantize(64), "GIF", interlace=0)
        yield f"interlaced-{width}x{height}.gif", saved(picture(width, height).quantize(64), "GIF", interlace=1)
    yield "grey.gif", saved(picture(13, 9, "L"), "GIF")
    yield "one-bit.gif", saved(picture(13, 9, "L").convert("1"), "GIF")
    yield "four-colours.gif", saved(picture().quantize(4), "GIF")
    yield "transparent.gif", saved(picture().quantize(8), "GIF", transparency=2)
    yield "transparent-interlaced.gif", saved(picture(40, 33).quantize(200), "GIF", transparency=7, interlace=1)
    yield "rgba.gif", saved(picture(13, 9, "RGBA"), "GIF")
    frames = [picture().quantize(32) for _ in range(3)]
    yield "animated.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0)
    yield "animated-transparent.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:], transparency=3, disposal=2)
    yield "large.gif", saved(Image.fromarray(random.integers(0, 256, (90, 90), np.uint8)), "GIF")
    plain = saved(frames[0], "GIF", interlace=0)
    # The frame somewhere on a larger screen.
    at = plain.index(b"\x2c", 13 + 3 * 2 ** ((plain[10] & 7) + 1))
    offset = bytearray(plain)
    offset[6:10] = struct.pack("<HH", 20, 15)
    offset[at + 1 : at + 5] = struct.pack("<HH", 4, 3)
    yield "offset.gif", bytes(offset)
    yield "offset-transparent.gif", bytes(offset[:at]) + b"\x21\xf9\4\1\0\0\5\0" + bytes(offset[at:])
    yield "background.gif", bytes(offset[:11]) + b"\7" + bytes(offset[12:])
    small = bytearray(plain)
    small[6:10] = struct.pack("<HH", 5, 4)
    yield "beyond-the-screen.gif", bytes(small)
    yield "version-87.gif", b"GIF87a" + plain[6:]
    # A palette of the frame's own.
    colours = plain[13:at] if plain[13:at][0:1] != b"\x21" else b""
    size = 3 * 2 ** ((plain[10] & 7) + 1)
    local = bytearray(plain[:10]) + bytes([plain[10] & 0x7F]) + plain[11:13] + plain[13 + size : at + 9]
    yield "local-palette.gif", bytes(local) + bytes([0x80 | plain[10] & 7]) + plain[13 : 13 + size] + plain[at + 10 :]
    # Fewer colours than pixels have numbers.
    few = bytearray(local) + bytes([0x80 | 1]) + plain[13 : 13 + 12] + plain[at + 10 :]
    yield "few-colours.gif", bytes(few)
    yield "no-palette.gif", bytes(local) + b"\0" + plain[at + 10 :]
    yield "comment.gif", saved(frames[1], "GIF", comment=b"a comment" * 40)
    yield "no-trailer.gif", plain[:-1]
    yield "truncated/half.gif", saved(picture(40, 33).quantize(128), "GIF")[:-400]


# BMP


def bmp(width, height, bits, rows, compression=0, palette=b"", masks=b"", header=40, colours=0):
    size = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(rows), 2835, 2835, colours, 0)
    info = size + masks + bytes(max(0, header - 40 - len(masks))) if header > 40 else size + masks
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + palette + rows


def bottom_up(rows):
    return b"".join(row + bytes(-len(row) % 4) for row in reversed(rows))


def bmps():
    for width, height in SIZES:
        yield f"24-{width}x{height}.bmp", saved(picture(width, height), "BMP")
        yield f"8-{width}x{height}.bmp", saved(picture(width, height).quantize(64), "BMP")
    yield "grey.bmp", saved(picture(13, 9, "L"), "BMP")
    yield "one-bit.bmp", saved(picture(13, 9, "L").convert("1"), "BMP")
    yield "32.bmp", saved(picture(13, 9, "RGBA"), "BMP")
    palette = random.integers(0, 256, (16, 4), np.uint8)
    palette[:, 3] = 0
    four = smooth(13, 9, 1, 16)[..., 0]
    rows = [bytes((row[i] << 4 | (row[i + 1] if i + 1 < 13 else 0)) for i in range(0, 13, 2)) for row in four]
    yield "4.bmp", bmp(13, 9, 4, bottom_up(rows), palette=palette.tobytes())
    yield "4-five-colours.bmp", bmp(13, 9, 4, bottom_up([bytes(b % 5 | (b >> 4) % 5 << 4 for b in row) for row in rows]), palette=palette[:5].tobytes(), colours=5)
    one = [bytes([0b10110010, 0b01001000])] * 9
    yield "1.bmp", bmp(13, 9, 1, bottom_up(one), palette=palette[:2].tobytes())
    colour = [smooth(13, 1, 3).tobytes() for _ in range(9)]
    yield "24-top-down.bmp", bmp(13, -9, 24, b"".join(row + b"\0" for row in colour))
    words = [random.integers(0, 65536, 13, np.uint16).astype("<u2").tobytes() for _ in range(9)]
    yield "16-555.bmp", bmp(13, 9, 16, bottom_up(words))
    yield "16-565.bmp", bmp(13, 9, 16, bottom_up(words), 3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    yield "16-555-fields.bmp", bmp(13, 9, 16, bottom_up(words), 3, masks=struct.pack("<III", 0x7C00, 0x3E0, 0x1F))
    longs = [random.integers(0, 2**32, 13, np.uint32).astype("<u4").tobytes() for _ in range(9)]
    yield "32-plain.bmp", bmp(13, 9, 32, bottom_up(longs))
    yield "32-fields.bmp", bmp(13, 9, 32, bottom_up(longs), 3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF))
    yield "32-v4-alpha.bmp", bmp(13, 9, 32, bottom_up(longs), 3, masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=108)
    yield "24-v5.bmp", bmp(13, 9, 24, bottom_up(colour), header=124)
    eight = [smooth(13, 1, 1).tobytes() for _ in range(9)]
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[::-1, None], 4, 1)
    ramp[:, 0] //= 2
    run = b"".join(bytes([5, row[0], 8, row[9], 0, 0]) for row in eight) + b"\0\1"
    yield "rle-8.bmp", bmp(13, 9, 8, run, 1, palette=ramp.tobytes())
    absolute = b"".join(b"\0\x0d" + row + b"\0" + b"\0\0" for row in eight) + b"\0\1"
    yield "rle-8-absolute.bmp", bmp(13, 9, 8, absolute, 1, palette=ramp.tobytes())
    yield "rle-8-delta.bmp", bmp(13, 9, 8, b"\5\x33\0\2\3\2\4\x44\0\0\7\x55\0\2\2\5\1\x66\3\x22\0\0\0\1", 1, palette=ramp.tobytes())
    yield "rle-4.bmp", bmp(13, 9, 4, b"".join(bytes([7, 0x12, 6, 0x34, 0, 0]) for _ in range(9)) + b"\0\1", 2, palette=palette.tobytes())
    core = struct.pack("<IHHHH", 12, 13, 9, 1, 24)
    yield "os2-24.bmp", b"BM" + struct.pack("<IHHI", 26 + 360, 0, 0, 26) + core + bottom_up(colour)
    yield "os2-8.bmp", b"BM" + struct.pack("<IHHI", 26 + 768 + 144, 0, 0, 26 + 768) + struct.pack("<IHHHH", 12, 13, 9, 1, 8) + ramp[:, :3].tobytes() + bottom_up(eight)
    yield "truncated/24.bmp", saved(picture(40, 33), "BMP")[:-1300]


# TIFF


def tiff(samples, **options):
    out = io.BytesIO()
    tifffile.imwrite(out, samples, metadata=None, software=None, **options)
    return out.getvalue()


def tiffs():
    modes = {"1": picture(13, 9, "L").convert("1"), "L": picture(13, 9, "L"), "P": picture().quantize(50), "RGB": picture(40, 33), "RGBA": picture(13, 9, "RGBA"), "LA": Image.fromarray(smooth(13, 9, 2), "LA"), "CMYK": Image.fromarray(smooth(13, 9, 4), "CMYK")}
    for mode, image in modes.items():
        for compression in ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
            yield f"{mode}-{compression.replace('tiff_', '')}.tif", saved(image, "TIFF", compression=compression)
    yield "white-is-zero.tif", tiff(smooth(13, 9, 1)[..., 0], photometric="miniswhite")
    yield "grey-16.tif", tiff(smooth(13, 9, 1, 65536)[..., 0])
    yield "grey-16-big-endian.tif", tiff(smooth(13, 9, 1, 65536)[..., 0], byteorder=">")
    yield "rgb-16.tif", tiff(smooth(13, 9, 3, 65536), photometric="rgb")
    yield "rgba-16-big-endian.tif", tiff(smooth(13, 9, 4, 65536), photometric="rgb", extrasamples=["unassalpha"], byteorder=">")
    yield "rgba.tif", tiff(smooth(13, 9, 4), photometric="rgb", extrasamples=["unassalpha"])
    yield "rgb-extra.tif", tiff(smooth(13, 9, 4), photometric="rgb", extrasamples=["unspecified"])
    rgb = smooth(40, 33, 3)
    yield "big-endian.tif", tiff(rgb, photometric="rgb", byteorder=">")
    yield "strips.tif", tiff(rgb, photometric="rgb", rowsperstrip=5)
    yield "tiles.tif", tiff(rgb, photometric="rgb", tile=(16, 16))
    yield "tiles-deflate.tif", tiff(rgb, photometric="rgb", tile=(16, 32), compression="zlib", predictor=True)
    yield "planar.tif", tiff(rgb.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate")
    yield "planar-strips-lzw.tif", tiff(rgb.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate", rowsperstrip=7, compression="lzw")
    yield "predictor-lzw.tif", tiff(rgb, photometric="rgb", compression="lzw", predictor=True)
    yield "predictor-deflate-strips.tif", tiff(rgb, photometric="rgb", compression="zlib", predictor=True, rowsperstrip=4)
    yield "predictor-16.tif", tiff(smooth(13, 9, 3, 65536), photometric="rgb", compression="zlib", predictor=True)
    yield "pages.tif", saved(picture(), "TIFF", save_all=True, append_images=[picture()])
    yield "noise-lzw.tif", tiff(random.integers(0, 256, (90, 90, 3), np.uint8), photometric="rgb", compression="lzw")
    for orientation in range(1, 9):
        yield f"orientation-{orientation}.tif", saved(picture(), "TIFF", tiffinfo={274: orientation})
    yield "icc.tif", saved(picture(), "TIFF", icc_profile=b"not a profile")
    yield "truncated/rgb.tif", tiff(rgb, photometric="rgb", rowsperstrip=5)[:-1500]
    for compression in ("group4", "group3", "jpeg"):
        mode = "L" if compression == "jpeg" else "1"
        yield f"refused/{compression}.tif", saved(picture(13, 9, "L").convert(mode), "TIFF", compression=compression)
    yield "refused/float.tif", tiff(smooth(13, 9, 1)[..., 0].astype(np.float32))
    yield "refused/lab.tif", saved(picture().convert("LAB"), "TIFF")
    yield "refused/big.tif", tiff(rgb, photometric="rgb", bigtiff=True)


# WebP


def webps():
    for width, height in SIZES + [(64, 48), (31, 47)]:
        for quality in (10, 75, 95):
            yield f"lossy-{quality}-{width}x{height}.webp", saved(picture(width, height), "WEBP", quality=quality)
        yield f"lossless-{width}x{height}.webp", saved(picture(width, height), "WEBP", lossless=True)
        yield f"lossy-alpha-{width}x{height}.webp", saved(picture(width, height, "RGBA"), "WEBP", quality=60)
        yield f"lossless-alpha-{width}x{height}.webp", saved(picture(width, height, "RGBA"), "WEBP", lossless=True, exact=True)
    for method in range(7):
        yield f"lossy-method-{method}.webp", saved(picture(50, 50), "WEBP", quality=40, method=method)
        yield f"lossless-method-{method}.webp", saved(picture(50, 50).quantize(1 + 37 * method % 200).convert("RGB"), "WEBP", lossless=True, method=method)
    for colours in (1, 2, 4, 16):
        yield f"lossless-{colours}-colours.webp", saved(picture(23, 17).quantize(colours).convert("RGB"), "WEBP", lossless=True)
    for quality in (0, 20, 100):
        yield f"alpha-quality-{quality}.webp", saved(picture(30, 21, "RGBA"), "WEBP", quality=50, alpha_quality=quality)
    yield "noise.webp", saved(Image.fromarray(random.integers(0, 256, (70, 70, 3), np.uint8)), "WEBP", quality=80)
    yield "grey.webp", saved(picture(30, 21, "L"), "WEBP")
    yield "animated.webp", saved(picture(30, 21), "WEBP", save_all=True, append_images=[picture(30, 21)], quality=70)
    yield "animated-lossless-alpha.webp", saved(picture(30, 21, "RGBA"), "WEBP", save_all=True, append_images=[picture(30, 21, "RGBA")], lossless=True, exact=True)
    yield "icc.webp", saved(picture(30, 21), "WEBP", icc_profile=b"not a profile")
    for orientation in (1, 3, 6, 7):
        yield f"orientation-{orientation}.webp", saved(picture(30, 21), "WEBP", exif=exif(orientation))


def pixels(image):
    return struct.pack(">HH", *image.size) + np.asarray(image).transpose(2, 0, 1).tobytes()


def opaque(image):
    """On white, with Pillow's own arithmetic."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image).convert("RGB")
    return image.convert("RGB")


def unturned(tiff):
    at = tiff.find(struct.pack("<HHI", 274, 3, 1))
    return tiff if at < 0 else tiff[: at + 8] + b"\1\0" + tiff[at + 10 :]


def wide(image):
    """Pillow clips 16-bit grey; here its upper 8 bits are kept, as of colour."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    return image


def main(target):
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def write(name, data):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, 9)

        for folder in (jpegs, pngs, gifs, bmps, tiffs, webps):
            for name, data in folder():
                write(name, data)
                count += 1
                if name.startswith("refused/"):
                    continue
                ImageFile.LOAD_TRUNCATED_IMAGES = name.startswith("truncated/")
                try:
                    # Pillow turns a TIFF by itself.
                    image = Image.open(io.BytesIO(unturned(data) if name.endswith(".tif") else data))
                    image.load()
                    plain = pixels(wide(image).convert("RGB"))
                    image = Image.open(io.BytesIO(data))
                    image.load()
                    if name == "transparent-grey-4.png":
                        image.info["transparency"] *= 17  # Pillow compares the 4 bits of the file with 8 bits
                    seen = pixels(opaque(wide(ImageOps.exif_transpose(image))))
                except Exception as e:
                    print(name, "Pillow:", repr(e), file=sys.stderr)
                    continue
                write(name + ".rgb", plain)
                if seen != plain:
                    write(name + ".upright", seen)
    print(count, "images")


if __name__ == "__main__":
    main(sys.argv[1])
