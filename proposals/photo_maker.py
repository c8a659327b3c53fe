# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes a picture anew in a process of its own: python photo_maker.py < what was sent > what is kept.

No page ever reads what somebody sent: this process does, with little memory and little time, and knows nothing else.
It writes one line of JSON and then the large and the small picture, or one line that says why not. What a camera puts
beside the pixels (where it was, whose it is, colour profiles) does not come along, nor does anything behind them.
"""

import json
import resource
import sys
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ["JPEG", "PNG", "WEBP"]  # no other reader of pictures is even asked
LARGE, SMALL = 1600, 480
MOST_PIXELS = 60_000_000
MEMORY, SECONDS = 1024**3, 20


def limit() -> None:
    """A picture that wants more than this is not finished."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def made_anew(sent: bytes) -> tuple[dict[str, int | str], bytes]:
    """What to say in the first line, and the two pictures."""
    try:
        picture = Image.open(BytesIO(sent), formats=FORMATS)
    except Image.DecompressionBombError:
        return {"refused": "pixels"}, b""
    except Exception:  # whatever a reader of pictures stumbles over, it is no picture for us
        return {"refused": "kind"}, b""
    if picture.width * picture.height > MOST_PIXELS:
        return {"refused": "pixels"}, b""
    try:
        picture.draft("RGB", (2 * LARGE, 2 * LARGE))  # a large JPEG is read at a part of its size
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        flat = on_white(upright)
    except Exception:
        return {"refused": "broken"}, b""
    large, small = jpeg(flat, LARGE), jpeg(flat, SMALL)
    with Image.open(BytesIO(large)) as kept:
        width, height = kept.size
    return {"width": width, "height": height, "large": len(large), "small": len(small)}, large + small


def on_white(picture: Image.Image) -> Image.Image:
    """Plain colours; what was see-through is white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    return picture.convert("RGB")


def jpeg(picture: Image.Image, longest: int) -> bytes:
    """The pixels alone, none of the sides longer than this."""
    fits = max(picture.size) <= longest
    fitting = picture if fits else ImageOps.contain(picture, (longest, longest), Image.Resampling.LANCZOS)
    bare = Image.new("RGB", fitting.size)
    bare.paste(fitting)
    kept = BytesIO()
    bare.save(kept, "JPEG", quality=82, optimize=True, progressive=True)
    return kept.getvalue()


if __name__ == "__main__":
    limit()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    said, pictures = made_anew(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + pictures)
