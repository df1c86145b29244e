"""
Which of central's keys a kiosk believes, and how a key document changes that. Pure: signatures are checked by a caller.

The rules:

- A change signed by the *spare* counts, whatever its version: it brings a new spare, and ends every other key at
  once. So whoever stole the current key has lost as soon as the spare has spoken, and an old change by an old spare is
  nothing.
- A change signed by the *current* key counts if its version is higher and it leaves the spare as it is: a thief of
  the current key can never take the spare's word away.
- A current key that was replaced by the current key (no theft, only time) is believed on until its successor has been
  seen to sign for GRACE_MS: a central restored from a backup made before the change still reaches its kiosks, and can
  change its keys once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from feedback.wire.enrolment import CentralKeys
from feedback.wire.keys import KeyChange, change_text

GRACE_MS = 30 * 86_400_000
"""A month: the age of a backup that somebody may still restore."""
MOST_RETIRED = 16

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether, by this public key, this signature is one over this text."""


@dataclass(frozen=True, slots=True)
class Pins:
    """
    What a kiosk believes of central.

    Attributes:
        keys: Central's newest keys, as far as the kiosk has heard.
        version: Of the change that brought them; 0: they came with the enrolment.
        retired: Earlier current keys that are believed for a while; the newest last.
        seen_ms: When the current key was first seen to sign, by central's clock; 0: not yet.
    """

    keys: CentralKeys
    version: int = 0
    retired: tuple[bytes, ...] = ()
    seen_ms: int = 0

    @property
    def believed(self) -> tuple[bytes, ...]:
        """The public keys by which an answer is central's."""
        return (self.keys.current, self.keys.spare, *self.retired)


def followed(pins: Pins, changes: Iterable[KeyChange], verify: Verify) -> Pins:
    """*pins* after those of *changes* that count, in their order; the others are passed over."""
    for change in changes:
        if _counts(pins, change) and verify(
            change.signer, change.signature, change_text(change.version, change.keys)
        ):
            pins = _changed(pins, change)
    return pins


def seen(pins: Pins, signer: bytes, utc_ms: int) -> Pins:
    """*pins* after an answer signed by *signer* came, at *utc_ms* by central's clock."""
    if not pins.retired or signer != pins.keys.current:
        return pins
    if not pins.seen_ms:
        return replace(pins, seen_ms=utc_ms)
    if utc_ms - pins.seen_ms >= GRACE_MS:
        return replace(pins, retired=())
    return pins


def _counts(pins: Pins, change: KeyChange) -> bool:
    """Whether *change* would count if its signature is good."""
    if change.keys.current == change.keys.spare:
        return False
    if change.signer == pins.keys.spare:
        # The old spare has been on a machine with a network: it must not be the next one.
        return change.keys.spare != pins.keys.spare
    return (
        change.signer in (pins.keys.current, *pins.retired)
        and change.keys.spare == pins.keys.spare
        and change.version > pins.version
    )


def _changed(pins: Pins, change: KeyChange) -> Pins:
    if change.signer == pins.keys.spare:
        return Pins(change.keys, change.version)
    if change.keys.current == pins.keys.current:
        return replace(pins, keys=change.keys, version=change.version)
    retired = (*(key for key in pins.retired if key != change.keys.current), pins.keys.current)
    return Pins(change.keys, change.version, retired[-MOST_RETIRED:])
