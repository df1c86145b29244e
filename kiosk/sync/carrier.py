"""Whether a network has just come up, as the kernel tells it: a cable put in, a modem that has dialled."""

from __future__ import annotations

from pathlib import Path

INTERFACES = Path("/sys/class/net")
UP = frozenset({"up", "unknown"})
"""Modems and tunnels have no carrier to speak of: their interface is there or it is not."""
OWN = "lo"


class Carrier:
    """The interfaces below *folder*; asked now and then, as the kernel tells no file watcher of them."""

    def __init__(self, folder: Path = INTERFACES) -> None:
        self._folder = folder
        self._up = self._now()

    def came_up(self) -> bool:
        """Whether one is up that was not when this was asked last."""
        before, self._up = self._up, self._now()
        return bool(self._up - before)

    def _now(self) -> frozenset[str]:
        return frozenset(one.name for one in self._folder.glob("*") if one.name != OWN and _state(one) in UP)


def _state(interface: Path) -> str:
    try:
        return (interface / "operstate").read_text().strip()
    except OSError:
        return "gone"  # between the look at the folder and the look into it
