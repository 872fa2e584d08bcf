"""Makes the pictures of PictureFileTest with Pillow 12.3: run in this folder. NAME.expected.png is what Pillow reads in NAME."""

import struct
import zlib

from PIL import Image

WIDTH, HEIGHT = 24, 17


def pattern(x, y):
    return (10 * x + 5, 250 - 14 * y, (x * x + 7 * y) % 256)


rgb = Image.new("RGB", (WIDTH, HEIGHT))
smooth = Image.new("RGB", (WIDTH, HEIGHT))
for y in range(HEIGHT):
    for x in range(WIDTH):
        rgb.putpixel((x, y), pattern(x, y))
        smooth.putpixel((x, y), (10 * x, 15 * y, 255 - 5 * x - 7 * y))


def png(name, depth, colour, bytes_per_row, row):
    """A PNG written by hand, for what Pillow cannot write."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + row(y) for y in range(HEIGHT))
    assert len(rows) == HEIGHT * (1 + bytes_per_row)
    with open(name, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


grey = rgb.convert("L")
alpha = grey.rotate(180)
rgb.save("rgb.png")
grey.save("grey.png")
grey.convert("1").save("one-bit.png")
Image.merge("RGBA", (*rgb.split(), alpha)).save("rgba.png")
Image.merge("LA", (grey, alpha)).save("grey-alpha.png")
rgb.quantize(16).save("palette.png", transparency=3)
rgb.save("animated.png", save_all=True, append_images=[rgb.rotate(180)], duration=100)
png("grey-16.png", 16, 0, 2 * WIDTH,
    lambda y: b"".join(struct.pack(">BB", grey.getpixel((x, y)), 7 * x) for x in range(WIDTH)))
png("rgb-16.png", 16, 2, 6 * WIDTH,
    lambda y: b"".join(struct.pack(">BBBBBB", *(v for c in rgb.getpixel((x, y)) for v in (c, 200))) for x in range(WIDTH)))
smooth.save("rgb.jpg", quality=95, subsampling=0)
smooth.save("progressive.jpg", quality=95, subsampling=0, progressive=True)
smooth.convert("L").save("grey.jpg", quality=95)
smooth.convert("CMYK").save("cmyk.jpg", quality=95)
adobe = open("cmyk.jpg", "rb").read()
mark = adobe.index(b"Adobe") + 11  # the transform: 0 is CMYK, 2 is YCCK
assert adobe[mark] == 0
open("ycck.jpg", "wb").write(adobe[:mark] + b"\2" + adobe[mark + 1:])
rgb.save("is-gif.jpg", "GIF")

for name in ("rgb.png", "one-bit.png", "palette.png", "rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "ycck.jpg"):
    Image.open(name).convert("RGB").save(name + ".expected.png")
for name in ("grey.png", "grey-alpha.png", "grey-16.png"):
    grey.convert("RGB").save(name + ".expected.png")
for name in ("rgba.png", "animated.png", "rgb-16.png"):
    rgb.save(name + ".expected.png")

# rgb.png scaled down and up, from the box left, top, right, bottom
rgb.resize((5, 6), Image.Resampling.BILINEAR, box=(2, 1, 22, 16)).save("down.expected.png")
rgb.resize((30, 29), Image.Resampling.BILINEAR, box=(0, 0, 24, 17)).save("up.expected.png")
