"""``pinned.json``: which of central's keys this kiosk believes; one for the agent, one for the screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from feedback.errors import LinkError, StoreError, WireError
from feedback.pins import Pins, followed
from feedback.wire import CentralKeys, decode_key_document, fingerprint
from kiosk.settings import Settings

MODE = 0o640
"""The screen reads it as another user of the group: it seals to central."""
KEY_HEX = 64
KEY_DOCUMENT = "keys.json"
"""Where the agent puts central's key document, among the other documents."""


def pinned_path(settings: Settings) -> Path:
    """Where central's keys are kept."""
    return settings.sync_folder / "pinned.json"


def read_pins(path: Path) -> Pins:
    """
    The pins in the file at *path*.

    Raises:
        LinkError: There is none: this kiosk is not enrolled.
        StoreError: It cannot be read, or says something else.
    """
    if not path.exists():
        raise LinkError("this kiosk is not enrolled: run `kiosk enrol` with a code from `central code`")
    try:
        pinned = json.loads(path.read_bytes())
        return Pins(
            CentralKeys(*(_key(pinned[name]) for name in ("current", "spare", "sealing"))),
            _whole(pinned.get("version", 0)),
            tuple(_key(one) for one in pinned.get("retired", [])),
            _whole(pinned.get("seen_ms", 0)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{path} cannot be read ({error}): enrol this kiosk again") from error


def written(pins: Pins) -> bytes:
    """*pins* as their file holds them."""
    keys = {name: getattr(pins.keys, name).hex() for name in ("current", "spare", "sealing")}
    # What a new enrolment has none of is left out, as releases before key documents wrote it.
    changed = {
        "version": pins.version,
        "retired": [key.hex() for key in pins.retired],
        "seen_ms": pins.seen_ms,
    }
    return json.dumps({"v": 1, **keys, **(changed if pins.version else {})}).encode() + b"\n"


def screen_pins(settings: Settings) -> Pins | None:
    """
    What the process with the screen believes: its own pins, led on by the key document it can see; None: nothing yet.

    Not what the agent has pinned: whoever took over the process that reaches the network must not choose what the
    screen shows. Only the first time, before it has pins of its own, are the agent's taken.
    """
    pins = _own(settings) or _first(settings)
    if pins is None:
        return None
    try:
        changes = decode_key_document((settings.documents / KEY_DOCUMENT).read_bytes())
    except (OSError, WireError):
        return pins
    return followed(pins, changes, verifies)


def screen_pinned_path(settings: Settings) -> Path:
    """Where the screen keeps its own pins."""
    return settings.answers_folder / "pinned.json"


def verifies(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether *signature* is one over *text* by the Ed25519 *key*."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _own(settings: Settings) -> Pins | None:
    try:
        return read_pins(screen_pinned_path(settings))
    except (LinkError, StoreError):
        return None


def _first(settings: Settings) -> Pins | None:
    """The agent's pins, if central's key was never changed and is the one in ``kiosk.toml``, or was changed since."""
    try:
        pins = read_pins(pinned_path(settings))
    except (LinkError, StoreError):
        return None
    is_in_toml = fingerprint(pins.keys.current) == settings.central.fingerprint
    return pins if is_in_toml or pins.version else None


def _key(raw: Any) -> bytes:
    if not isinstance(raw, str) or len(raw) != KEY_HEX:
        raise ValueError(f"{raw!r} is not a key")
    return bytes.fromhex(raw)


def _whole(raw: Any) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError(f"{raw!r} is not a number")
    return raw
