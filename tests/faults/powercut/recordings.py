"""What is recorded: the product's own lives, and those of the wrong recorders that must be caught."""

from __future__ import annotations

from pathlib import Path

from tests.faults.powercut.calls import Recording
from tests.faults.powercut.disk import Disk
from tests.faults.powercut.ledger import Ledger
from tests.faults.powercut.plan import Recorded, without_folder_flushes

Script = tuple[tuple[str, ...], ...]

PREPARE = ("prepare",)
SHORT: Script = (
    PREPARE,
    ("live", "boot1", "press:3", "idle:1", "press:2"),
    PREPARE,
    ("live", "boot2", "press:1", "text:9000", "rush:3", "idle:1"),
    PREPARE,
    ("live", "boot3", "press:3"),
)
"""New store, three lives, a checkpoint after each first press, anchors and meanings when idle, a burst, a text."""
LONG: Script = (
    PREPARE,
    ("live", "boot1", "press:66", "idle:1", "press:5", "rush:4"),
    PREPARE,
    ("live", "boot2", "press:4"),
)
"""Enough presses that the tree of answers splits, and that the WAL is worth a checkpoint when idle and begins anew."""
FULL: Script = (
    PREPARE,
    ("live", "boot1", "press:2", "text:500000", "idle:1", "press:2", "text:970000", "press:3"),
)
"""Texts large enough to fill the WAL: one checkpoint when idle, and one between two presses."""
PRODUCT: dict[str, tuple[Script, float]] = {"short": (SHORT, 0.7), "long": (LONG, 0.2), "full": (FULL, 0.1)}

WRONG: Script = (
    PREPARE,
    ("live", "boot1", "press:2", "text:9000"),
    PREPARE,
    ("live", "boot2", "press:4"),
)
"""The file grows, is checkpointed, and the WAL begins anew: what a journal that comes back would undo."""
FOLDER_CONTROL = "FULL without EXTRA first"
CONTROLS = {
    "synchronous=NORMAL": "normal",
    "thank-you before commit": "hasty",
    FOLDER_CONTROL: "full_first",
    "psow=1": "psow",
}
RIGHT_ORDER = "extra_first"
"""The poor folder of ``full_first`` with the right order: nothing may be lost, else that control says nothing."""


def record(name: str, script: Script, folder: Path, how: str = "none", weight: float = 1.0) -> Recorded:
    """Run *script* in *folder*, each line of it as a process of its own, with *how* it goes wrong."""
    folder.mkdir(parents=True)
    recording = Recording(folder)
    for what, *words in script:
        recording.run(what, how, str(folder), *words)
    ops, start = recording.ops, Disk()
    if how in {CONTROLS[FOLDER_CONTROL], RIGHT_ORDER}:
        ops, start = without_folder_flushes(ops), Disk(own_names=True)
    recorded = Recorded(name, ops, Ledger(ops), start, weight)
    _agrees(recorded, folder)
    return recorded


def _agrees(recorded: Recorded, folder: Path) -> None:
    """That the model, fed with the whole recording, has every byte as the real files have it."""
    disk = recorded.disk()
    for number, op in enumerate(recorded.ops):
        disk.feed(number, op)
    with disk.cut(disk.all()) as (image, _):
        for name, content in image.items():
            if content is not None and (folder / name).read_bytes() != content:
                raise AssertionError(f"the model and the real {name} differ")
