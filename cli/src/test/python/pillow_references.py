"""Makes, beside the images of ../resources/io/contrastream/cli/images, what a viewer shows of each: upright, on white, as Pillow reads it.

Pillow 13.0.0. Usage: python pillow_references.py, in this folder. It also draws the transparent images.
"""

import pathlib

from PIL import Image, ImageDraw, ImageFile, ImageOps

ImageFile.LOAD_TRUNCATED_IMAGES = True
images = pathlib.Path("../resources/io/contrastream/cli/images")
references = images.with_name("references")

for name, draw in ("circle", ImageDraw.ImageDraw.ellipse), ("square", ImageDraw.ImageDraw.rectangle):
    image = Image.new("RGBA", (32, 32))
    draw(ImageDraw.Draw(image), (6, 6, 25, 25), (0, 0, 0, 255))
    image.save(images / "alpha" / f"{name}.png")

# Beside them is exif-orientation/as-stored.png, which nobody should see.
for file in sorted(images.glob("**/*.*")):
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    reference = references / file.relative_to(images).with_name(file.name + ".png")
    reference.parent.mkdir(parents=True, exist_ok=True)
    image.save(reference)
