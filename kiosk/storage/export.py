"""Every answer as a line of text, for whoever wants to look at them without this program."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TextIO

from feedback.answers import Anchor, Answer
from feedback.timeline import repaired
from kiosk.storage.reading import AnswersReader

ROWS = 1_000
"""Read at a time: an export of millions needs no more memory than this."""
COLUMNS = (
    "kiosk", "store", "seq", "response", "branch", "touchpoint", "survey", "version", "question", "kind",
    "language", "value", "source", "utc", "time_quality", "uncertainty_ms", "boot", "boot_ms", "wall_ms", "test",
    "text_digest",
)  # fmt: skip
"""Kiosk, store and seq with the branch are an answer's identity; texts are sealed to central and stay so."""

Line = dict[str, object]


def export_csv(readers: Iterable[AnswersReader], out: TextIO) -> int:
    """
    Write the answers of all *readers* to *out* (opened with ``newline=""``); how many there were.

    Raises:
        StoreError: A store cannot be read now.
        OSError: *out* takes no more.
    """
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    written = 0
    for line in _lines(readers):
        writer.writerow(line)
        written += 1
    return written


def export_json(readers: Iterable[AnswersReader], out: TextIO) -> int:
    """As ``export_csv``, one JSON object on each line."""
    written = 0
    for line in _lines(readers):
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        written += 1
    return written


def _lines(readers: Iterable[AnswersReader]) -> Iterator[Line]:
    for reader in readers:
        about = reader.about()
        anchors = defaultdict(list)
        for anchor in reader.anchors():
            anchors[anchor.boot].append(anchor)
        first, last = 1, reader.last_seq()
        while first <= last:
            for answer in reader.answers(first, ROWS).answers:
                identity: Line = {"kiosk": about.kiosk, "store": about.store.hex()}
                yield identity | _line(answer, anchors.get(answer.moment.boot, []))
            first += ROWS


def _line(answer: Answer, anchors: list[Anchor]) -> Line:
    ask, moment = answer.ask, answer.moment
    when = repaired(moment, anchors)
    return {
        "seq": answer.seq,
        "response": answer.response,
        "branch": answer.place.branch,
        "touchpoint": answer.place.touchpoint,
        "survey": ask.survey,
        "version": ask.version,
        "question": ask.question,
        "kind": ask.kind.value,
        "language": ask.language,
        "value": answer.value,
        "source": answer.source.name.lower(),
        "utc": _utc(when.utc_ms),
        "time_quality": when.quality.value,
        "uncertainty_ms": when.uncertainty_ms,
        "boot": moment.boot,
        "boot_ms": moment.boot_ms,
        "wall_ms": moment.wall_ms,
        "test": int(answer.test),
        "text_digest": answer.text_digest.hex(),
    }


def _utc(utc_ms: int) -> str:
    """Such as ``2026-09-21T14:13:20.500Z``; empty for a time that no calendar has."""
    try:
        at = datetime.fromtimestamp(utc_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
