"""What somebody should know of a kiosk, each in one plain sentence with what to do. Nothing wrong: no sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from central.fleet.refusals import Refused
from feedback.wire.fields import MOST_INTEGER

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
SILENT_MS = 24 * _HOUR_MS
"""A kiosk not heard of for a day is pointed out: it may only be offline, or it may be broken."""
LATE_S = 24 * 3_600
"""A kiosk in touch whose oldest answer is older than this does not get rid of them."""
SMALL_DISK = 500 << 20
"""Bytes: a busy kiosk writes about a tenth of this in a year, the system more."""
CLOCK_OFF_S = 300
REFUSALS = {
    401: "its key is not the one it enrolled with: enrol it again with a new code from `central code`",
    403: "it has not enrolled: run `kiosk enrol` on it with a code from `central code`",
}


@dataclass(frozen=True, slots=True)
class Known:
    """
    What central knows of one kiosk.

    Attributes:
        state: ``expected`` (has a code) or ``accepted`` (has enrolled).
        contact_ms: Its last accepted contact, UTC; None: none.
        status: What it said of itself then. A stranger may have written it.
        published: Name -> version of the documents it should have.
        refused: Its last refusal, if nothing was accepted since.
    """

    state: str
    contact_ms: int | None
    status: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, int] = field(default_factory=dict)
    refused: Refused | None = None


def concerns(kiosk: Known, now_ms: int) -> list[str]:
    """
    The sentences, the gravest first.

    >>> concerns(Known("expected", None), 0)
    ['Never heard of: run `kiosk enrol` on it with its code.']
    """
    contact = list(_contact(kiosk, now_ms))
    stuck = [] if contact else list(_stuck(kiosk.status))
    return [*contact, *stuck, *_own_words(kiosk.status), *_documents(kiosk)]


def held(status: Mapping[str, Any]) -> dict[str, int]:
    """
    Name -> version of the documents a kiosk says it holds.

    >>> held({"held": ["survey", 4, "settings", 7, "odd"]}), held({"held": 3})
    ({'survey': 4, 'settings': 7}, {})
    """
    raw = status.get("held")
    pairs = zip(raw[::2], raw[1::2], strict=False) if isinstance(raw, list) else ()
    return {str(name): version for name, version in pairs if whole(version) is not None}


def whole(raw: Any) -> int | None:
    """*raw* if it is a whole number that can be meant."""
    return raw if type(raw) is int and 0 <= raw <= MOST_INTEGER else None


def _contact(kiosk: Known, now_ms: int) -> Iterator[str]:
    if kiosk.refused:
        do = REFUSALS.get(kiosk.refused.status, f"{kiosk.refused.sentence}: see `kiosk status` on it")
        yield f"Calls and is refused: {do}."
    elif kiosk.state == "expected":
        yield "Never heard of: run `kiosk enrol` on it with its code."
    elif kiosk.contact_ms is None:
        yield "Enrolled and not heard of since: look whether `kiosk sync` runs on it, and `kiosk status`."
    elif now_ms - kiosk.contact_ms > SILENT_MS:
        yield "Silent: look whether it has power and a network; its answers are safe on it."


def _stuck(status: Mapping[str, Any]) -> Iterator[str]:
    if (oldest_s := whole(status.get("oldest_s"))) and oldest_s > LATE_S and whole(status.get("pending")):
        yield "Its answers wait for over a day though it calls: `kiosk status` on it says why."


def _own_words(status: Mapping[str, Any]) -> Iterator[str]:
    if status.get("database") not in (None, "ok"):
        yield "Its answers cannot be read: run `kiosk doctor` on it."
    if (free := whole(status.get("disk_free"))) is not None and free < SMALL_DISK:
        yield f"Its card has {free >> 20} MB left: make room on it, or give it a larger one."
    if (off_s := status.get("clock_off_s")) is not None and type(off_s) is int and abs(off_s) > CLOCK_OFF_S:
        side = "ahead" if off_s > 0 else "behind"
        yield (
            f"Its clock is {_lasting(abs(off_s))} {side}: see to its clock battery or its time server; its answers are "
            "dated right all the same."
        )


def _documents(kiosk: Known) -> Iterator[str]:
    if kiosk.contact_ms is None or "held" not in kiosk.status:
        return
    has = held(kiosk.status)
    trouble = kiosk.status.get("document_trouble")
    because = f" ({trouble})" if isinstance(trouble, str) and trouble else ""
    for name, version in kiosk.published.items():
        if name in has and has[name] < version and because:
            yield f"Its {name} is {_version(has[name])}, not {version}{because}: publish it again, mended."


def _version(held_version: int) -> str:
    return f"version {held_version}" if held_version else "none at all"


def _lasting(seconds: int) -> str:
    for size, unit in ((365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            n = seconds // size
            return f"{n} {unit}{'' if n == 1 else 's'}"
    return f"{seconds} seconds"
