"""A picture to show."""

from __future__ import annotations

import io

from PIL import Image


def png(colour: str = "red") -> bytes:
    """A picture of one pixel."""
    data = io.BytesIO()
    Image.new("RGB", (1, 1), colour).save(data, format="PNG")
    return data.getvalue()
