"""Pictures of the screen, for tests, the demo and documents."""

from __future__ import annotations

from pathlib import Path

from kivy.core.image import Image
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.graphics.texture import Texture


def pixels() -> tuple[int, int, bytes]:
    """Width, height and the pixels of the screen as it is now: RGBA, from the bottom row up."""
    Window.canvas.ask_update()
    # Drawn and read at once: after the flip the buffer that is read may hold an older frame, or nothing.
    Window.dispatch("on_draw")
    width, height = Window.system_size
    return width, height, bytes(glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE))


def save(path: Path) -> None:
    """Write the screen to exactly *path*, as PNG. ``Window.screenshot`` would append 0001 to its name."""
    width, height, raw = pixels()
    rows = [raw[at : at + 4 * width] for at in range(0, len(raw), 4 * width)]
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    texture.blit_buffer(b"".join(rows), colorfmt="rgba", bufferfmt="ubyte")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image(texture).save(str(path), flipped=True)
