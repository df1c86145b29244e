"""The board and the card a store was begun on: a copy of a card in another kiosk must not go on with its store."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from kiosk.storage.database import writing
from kiosk.storage.schema import about_crc

MACHINE: Mapping[str, Path] = MappingProxyType(
    {
        "board": Path("/sys/firmware/devicetree/base/serial-number"),
        "card": Path("/sys/block/mmcblk0/device/cid"),
        "machine": Path("/etc/machine-id"),
    }
)
"""What names a part of this machine, and the file that says its number."""


def serials(machine: Mapping[str, Path]) -> dict[str, str]:
    """A digest of each number of *machine* that can be read: two are compared, none is to be told."""
    found = {}
    for part, path in machine.items():
        try:
            said = path.read_bytes().strip(b"\0 \n")
        except OSError:
            continue
        if said:
            found[part] = sha256(part.encode() + b":" + said).hexdigest()
    return found


def changed(connection: sqlite3.Connection, machine: Mapping[str, Path]) -> str:
    """
    Which part of *machine* is another than the one the store was begun on; empty if none.

    A part that nothing was known of is noted in the file now. One that cannot be read now has not changed.
    """
    found = serials(machine)
    rows = connection.execute("SELECT name, value, crc FROM about").fetchall()
    known = {name: value for name, value, crc in rows if crc == about_crc(name, value)}
    new = {_name(part): serial for part, serial in found.items() if _name(part) not in known}
    if new:
        with writing(connection):
            for name, serial in new.items():
                line = (name, serial, about_crc(name, serial))
                connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?, ?)", line)
    return next((part for part, serial in found.items() if known.get(_name(part), serial) != serial), "")


def _name(part: str) -> str:
    return f"{part}_serial"
