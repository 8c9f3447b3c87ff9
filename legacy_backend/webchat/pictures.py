"""Pictures that people upload, drawn anew. Slow: never on the event loop.

What comes out was written by us: no hidden data, no place where it was taken, no second meaning.
"""

from __future__ import annotations

import hashlib
import io
import warnings

from PIL import Image, ImageOps

from legacy_backend.terms import LegacyError
from legacy_backend.values import Picture

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_MOST_PIXELS = 40_000_000
_GROUP_SIDE = 256
_FILE_SIDE = 2048


def _opened(data: bytes) -> Image.Image | None:
    """The picture in `data`, None if it is not one, or one of unreasonable size."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
            if image.width * image.height > _MOST_PIXELS:
                return None
            turned = ImageOps.exif_transpose(image)
            return turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, Warning):
        return None


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


def group_picture(data: bytes, most: int) -> Picture:
    """A square picture for a group; its id is a hash of its bytes.

    Raises LegacyError: "not-acceptable" if `data` is none, or longer than `most` bytes.
    """
    if len(data) > most:
        raise LegacyError("not-acceptable", f"A picture may have at most {most} bytes.")
    image = _opened(data)
    if image is None:
        raise LegacyError("not-acceptable", "This is no PNG, JPEG, GIF or WebP picture.")
    side = min(_GROUP_SIDE, image.width, image.height)
    square = _png(ImageOps.fit(image, (side, side)))
    return Picture(hashlib.sha256(square).hexdigest(), square, "image/png")


def redrawn(data: bytes) -> bytes | None:
    """`data` as a PNG of at most 2048 pixels a side; None if it is no picture."""
    image = _opened(data)
    if image is None:
        return None
    image.thumbnail((_FILE_SIDE, _FILE_SIDE))
    return _png(image)
