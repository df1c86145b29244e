"""Pictures of the screen, for tests, the demo and documents."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels


def pixels() -> tuple[int, int, bytes]:
    """Width, height and the pixels of the screen as it is now: RGBA, from the bottom row up."""
    Window.canvas.ask_update()
    # Drawn and read at once: after the flip the buffer that is read may hold an older frame, or nothing.
    Window.dispatch("on_draw")
    width, height = Window.system_size
    return width, height, bytes(glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE))


def save(path: Path) -> None:
    """
    Write the screen to exactly *path*, as PNG, in the window's thread.

    ``Window.screenshot`` would append 0001 to the name, and SDL's writer takes several times as long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_png(*pixels()))


def _png(width: int, height: int, raw: bytes) -> bytes:
    """The pixels as a PNG: eight bits each of red, green, blue and cover, no filter."""
    length = 4 * width
    rows = b"".join(b"\0" + raw[row * length : (row + 1) * length] for row in reversed(range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 2)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
