from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from feedback.answers import Anchor, Answer, Ask, Moment, Place, SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.export import COLUMNS, export_csv, export_json
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.storage.salvage import salvage
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import NOON_MS, Customer, FakeClock, press
from tests.kiosk.storage.test_second_copy import until


def test_every_answer_is_there_with_all_that_is_known(
    recorder: Recorder, path: Path, clock: FakeClock
) -> None:
    clock.known = True
    while not AnswersReader(path).anchors():
        pass
    rated = press(Rating.BAD, clock.moment(), language="az")
    asked = Ask("exit", 4, 'say, "more"\n', Kind.TEXT, "az")
    said = Answer(0, 0, Place("b12", "ön qapı"), asked, 0, Source.TOUCH, rated[0].moment, True, b"d" * 32)
    Customer().puts(recorder, [*rated, said], [SealedText(b"sealed", b"d" * 32)])
    as_csv, as_json = io.StringIO(newline=""), io.StringIO()
    store = AnswersReader(path).store_id().hex()

    assert export_csv([AnswersReader(path)], as_csv) == export_json([AnswersReader(path)], as_json) == 3
    lines = [json.loads(line) for line in as_json.getvalue().splitlines()]
    as_csv.seek(0)
    rows = list(csv.DictReader(as_csv))
    assert rows == [{name: str(value) for name, value in line.items()} for line in lines]
    assert tuple(lines[0]) == COLUMNS
    assert (lines[0] | {"boot": ""}) == {
        "kiosk": "k-1", "store": store, "seq": 1, "response": 1, "branch": "b12", "touchpoint": "exit-1",
        "survey": "exit", "version": 4, "question": "visit", "kind": "rating", "language": "az", "value": 2,
        "source": "button", "utc": "2026-09-21T14:13:21.000Z", "time_quality": "exact", "uncertainty_ms": 100,
        "boot": "", "boot_ms": 1000, "wall_ms": 1790000001000, "test": 0, "text_digest": "",
    }  # fmt: skip
    assert (lines[2]["question"], lines[2]["touchpoint"]) == ('say, "more"\n', "ön qapı")
    assert (lines[2]["test"], lines[2]["text_digest"]) == (1, "64" * 32)


def test_old_stores_are_exported_too(settings: Settings, start: Start) -> None:
    path = settings.answers_db
    for words in (("prepare", path), ("record", path, 20), ("close", path)):
        assert start(*words).wait(30) == 0
    with path.open("r+b") as file:
        file.write(b"spoiled")
    prepare_answers(settings)
    (aside,) = path.parent.glob("damaged-*")
    salvage(aside, path.parent)
    recorder = Recorder(path, FakeClock())
    Customer().puts(recorder, press(Rating.GOOD))
    recorder.stop()
    out = io.StringIO()

    assert export_json(stores(path.parent), out) == 42
    seqs = [json.loads(line)["seq"] for line in out.getvalue().splitlines()]
    assert seqs == [*range(1, 41), 1, 2]


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def test_an_export_needs_little_memory(path: Path, start: Start) -> None:
    assert start("fill", path, 12_000).wait(60) == 0
    tracemalloc.start()
    assert export_csv([AnswersReader(path)], _Nowhere()) == 12_000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 4_000_000


def test_a_wall_clock_that_no_calendar_has_is_kept_raw(path: Path, recorder: Recorder) -> None:
    clock = FakeClock(boot_ms=10**17)
    Customer().puts(recorder, press(Rating.GOOD, clock.moment()))
    line = exported(path)[0]

    assert (line["utc"], line["time_quality"]) == ("2099-12-31T23:59:59.999Z", "estimated")
    assert line["wall_ms"] == clock.moment().wall_ms


@dataclass
class Boot(FakeClock):
    """One start of a kiosk that was switched on *zero_ms* after noon, and believes it is 1970."""

    zero_ms: int = 0

    def moment(self) -> Moment:
        return Moment(self.boot, self.boot_ms, self.boot_ms)

    def anchor(self) -> Anchor | None:
        utc_ms = NOON_MS + self.zero_ms + self.boot_ms
        return Anchor(self.boot, self.boot_ms, utc_ms, "ntp", 100) if self.known else None


def test_a_boot_that_never_learned_the_time_lies_between_its_neighbours(path: Path) -> None:
    boots = (
        Boot("first", known=True),
        Boot("second", 20_000, zero_ms=60_000),
        Boot("third", known=True, zero_ms=120_000),
    )
    for boot in boots:
        recorder = Recorder(path, boot, idle_s=0.01)
        Customer().puts(recorder, press(Rating.GOOD, boot.moment()))
        until(lambda boot=boot: not boot.known or boot.anchor() in AnswersReader(path).anchors())
        recorder.stop()
    second = exported(path)[2]
    at_ms = datetime.fromisoformat(str(second["utc"])).timestamp() * 1000

    assert second["time_quality"] == "estimated"
    assert abs(at_ms - (NOON_MS + 80_000)) <= second["uncertainty_ms"] < 60_000


def exported(path: Path) -> list[dict[str, Any]]:
    out = io.StringIO()
    export_json([AnswersReader(path)], out)
    return [json.loads(line) for line in out.getvalue().splitlines()]
