"""Every answer as a line of text, for whoever wants to look at them without this program."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import TextIO

from feedback.answers import Anchor, Answer
from feedback.timeline import Stay, When, repaired, windows
from kiosk.storage.reading import AnswersReader
from kiosk.storage.totals import Stayed, merged

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
        anchors: defaultdict[str, list[Anchor]] = defaultdict(list)
        for anchor in reader.anchors():
            anchors[anchor.boot].append(anchor)
        between = windows(_stays(reader), anchors)
        first, last = 1, reader.last_seq()
        while first <= last:
            for answer in reader.answers(first, ROWS).answers:
                identity: Line = {"kiosk": about.kiosk, "store": about.store.hex()}
                boot = answer.moment.boot
                when = repaired(answer.moment, anchors.get(boot, []), between.get(boot))
                yield identity | _line(answer, when)
            first += ROWS


def _stays(reader: AnswersReader) -> list[Stay]:
    """Every boot that the store of *reader* shows, also by answers it has let go."""
    found: dict[str, Stay] = {}
    pruned = (Stay(*row[:4]) for row in reader.pruned() if isinstance(row, Stayed))
    for stay in chain(pruned, _each(reader)):
        found[stay.boot] = merged(found.get(stay.boot), stay)
    return list(found.values())


def _each(reader: AnswersReader) -> Iterator[Stay]:
    for first in range(1, reader.last_seq() + 1, ROWS):
        for answer in reader.answers(first, ROWS).answers:
            moment = answer.moment
            yield Stay(moment.boot, answer.seq, moment.boot_ms, moment.boot_ms)


def _line(answer: Answer, when: When) -> Line:
    ask, moment = answer.ask, answer.moment
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
