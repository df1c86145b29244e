"""The company's logo as central published it: a picture from outside, made ready to be drawn."""

from __future__ import annotations

import io
import logging
import struct
from typing import Any

log = logging.getLogger(__name__)

MOST_PIXELS = 4_000_000
"""Half a megabyte of PNG can unfold to gigabytes: what a logo needs is far less."""
PNG_SIZE = struct.Struct(">II")
JPEG_SIZE = struct.Struct(">HH")
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's start-of-frame markers (ITU T.81, table B.1)."""


def measured(content: bytes) -> tuple[int, int]:
    """
    Width and height of the PNG or JPEG *content* in pixels, by its header; 0, 0 where it has none.

    >>> measured(b"GIF89a")
    (0, 0)
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and len(content) >= 24:
        return PNG_SIZE.unpack_from(content, 16)
    at = 2
    while content.startswith(b"\xff\xd8") and at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in FRAMES:
            height, width = JPEG_SIZE.unpack_from(content, at + 5)
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0, 0


def texture(content: bytes) -> Any:
    """*content* ready to be drawn at any size; None for none, and with a line in the log where that cannot be."""
    if not content:
        return None
    width, height = measured(content)
    if not 0 < width * height <= MOST_PIXELS:
        log.warning("the logo is not shown: %d x %d pixels, at most %d together", width, height, MOST_PIXELS)
        return None
    from kivy.core.image import Image

    kind = "png" if content.startswith(b"\x89PNG") else "jpg"
    try:
        return Image(io.BytesIO(content), ext=kind, mipmap=True, nocache=True).texture
    except Exception as error:  # noqa: BLE001  whatever Kivy's loaders raise: a kiosk shows its name instead
        log.warning("the logo is not shown: it cannot be read as %s (%s)", kind, error)
        return None
