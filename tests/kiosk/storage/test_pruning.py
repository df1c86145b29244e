"""What central has may go after 90 days; what it has not, never; and the summary stays as it was."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback.errors import StoreError
from feedback.hours import Hours
from feedback.misuse import RatingPress
from feedback.ratings import Rating
from feedback.settings_document import BranchSettings
from kiosk.settings import Settings
from kiosk.storage.counts.summary import Summary, open_counts
from kiosk.storage.link_state import Fate, Progress, Span
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from tests.kiosk.storage.conftest import Start
from tests.kiosk.storage.presses import Customer, FakeClock, press

DAY_MS = 86_400_000
LATER_MS = 120 * DAY_MS
ZONES = [ZoneInfo(name) for name in ("UTC", "Asia/Baku", "Asia/Kathmandu", "America/New_York")]


@dataclass
class Central:
    """What the agent would say of the store."""

    delivered: int = 0
    spans: tuple[Span, ...] = ()
    unreadable: bool = False

    def progress(self, store: bytes) -> Progress:
        if self.unreadable:
            raise StoreError("not there yet")
        return Progress(store, self.delivered, self.delivered, self.spans)


def visits(path: Path, days: int, a_day: int, seed: int = 0) -> int:
    """Presses over *days*, some by playing children; the store's last seq."""
    chance, clock = random.Random(seed), FakeClock(known=True)
    recorder, customer, at = Recorder(path, clock, idle_s=0.01), Customer(), 0
    until(lambda: bool(AnswersReader(path).anchors()))
    for day in range(days):
        at = day * DAY_MS
        for _ in range(a_day):
            at += chance.choice((300, 900, 4_000, 60_000, 600_000))
            moment = FakeClock("9fe6" if chance.random() < 0.99 else "lost", at).moment()
            customer.puts(recorder, press(Rating(chance.randrange(1, 6)), moment))
    recorder.stop()
    return AnswersReader(path).last_seq()


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def night(path: Path, central: Central, clock: FakeClock | None = None, ballast: int = 0) -> Recorder:
    clock = clock or FakeClock(boot_ms=LATER_MS, known=True)
    return Recorder(path, clock, progress_of=central.progress, ballast_bytes=ballast, idle_s=0.01)


def pruned(path: Path, central: Central, clock: FakeClock | None = None, *, upto: int | None = None) -> int:
    recorder = night(path, central, clock)
    reader = AnswersReader(path)
    if upto is not None:
        until(lambda: reader.pruned_upto() >= upto)
    time.sleep(0.3)
    recorder.stop()
    return reader.pruned_upto()


def summaries(path: Path) -> list[Summary]:
    first = 1_790_000_000_000 // DAY_MS
    found = []
    for zone in ZONES:
        with open_counts(path.parent, BranchSettings(1, zone, Hours())) as counts:
            found += [counts.ever(first), *(counts.day(first + day) for day in (-1, 0, 1, 2, 3))]
    return found


def test_only_what_central_has_goes(path: Path) -> None:
    last = visits(path, 3, 40)
    before = AnswersReader(path).answers(1, 1_000).answers
    upto = pruned(path, Central(delivered=100), upto=80)
    kept = AnswersReader(path).answers(1, 1_000)

    assert 80 <= upto <= 100
    assert list(kept.answers) == [one for one in before if one.seq > upto]
    assert AnswersReader(path).last_seq() == last


def test_never_the_last_one(path: Path) -> None:
    last = visits(path, 1, 40)
    upto = pruned(path, Central(delivered=last), upto=last - 30)
    recorder, customer = Recorder(path, FakeClock()), Customer()
    (rated, _) = customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()

    assert upto < last
    assert rated.seq == last + 1


def test_what_was_refused_or_is_in_conflict_or_held_stays(path: Path) -> None:
    visits(path, 2, 40)
    refused, conflict = Span(11, 12, Fate.REJECTED, "why"), Span(21, 21, Fate.CONFLICT)
    held = Span(131, 131, Fate.HELD)
    upto = pruned(path, Central(160, (refused, conflict, held)), upto=100)
    kept = [answer.seq for answer in AnswersReader(path).answers(1, 1_000).answers]

    assert upto <= 130
    assert kept == [11, 12, 21, *range(upto + 1, 161)]


def test_young_answers_stay(path: Path) -> None:
    last = visits(path, 3, 40)
    # 90 days after the first day's last press; the others are younger.
    clock = FakeClock(boot_ms=91 * DAY_MS - 3_600_000 * 4, known=True)
    upto = pruned(path, Central(last), clock, upto=50)

    assert 50 < upto <= 80


@pytest.mark.parametrize("central", [Central(240, unreadable=True), Central(0)])
def test_without_word_from_central_nothing_goes(path: Path, central: Central) -> None:
    visits(path, 1, 20)

    assert pruned(path, central) == 0


def test_without_the_time_nothing_is_old(path: Path) -> None:
    last = visits(path, 1, 20)

    assert pruned(path, Central(last), FakeClock(boot_ms=LATER_MS)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_summary_stays_as_it_was(path: Path, seed: int) -> None:
    """Whatever was pruned: every day in every zone, set aside by every rule."""
    last = visits(path, 3, 150, seed)
    before = summaries(path)
    upto = pruned(path, Central(last * 2 // 3), upto=last * 2 // 3 - 200)

    assert upto > last // 3
    assert summaries(path) == before
    assert pruned(path, Central(last), upto=last - 200) > upto
    assert summaries(path) == before
    assert before[0].counted != dict.fromkeys(Rating, 0)
    assert len(before[0].set_aside) == 3


def test_a_start_after_it_finds_nothing_wrong(path: Path, settings: Settings) -> None:
    last = visits(path, 1, 60)
    upto = pruned(path, Central(last), upto=80)

    assert prepare_answers(settings).notes == ()
    assert AnswersReader(path).answers(upto + 1, 1_000).spoiled == ()


def test_a_full_card_lets_go_of_young_answers_too(path: Path) -> None:
    last = visits(path, 1, 300)
    free = shutil.disk_usage(path.parent).free
    recorder = night(path, Central(last), FakeClock(), ballast=2 * free)
    until(lambda: AnswersReader(path).pruned_upto() > 500)
    recorder.stop()
    size = AnswersReader(path).size()

    assert size.rows < 100
    assert size.blank_bytes > 0


def test_the_room_is_used_again(path: Path) -> None:
    last = visits(path, 2, 300)
    pruned(path, Central(last), upto=last - 100)
    before = AnswersReader(path).size()
    recorder, customer = Recorder(path, FakeClock(boot_ms=LATER_MS)), Customer()
    for _ in range(300):
        customer.puts(recorder, press(Rating.GOOD))
    recorder.stop()
    after = AnswersReader(path).size()

    assert after.bytes + after.blank_bytes == before.bytes + before.blank_bytes


@pytest.mark.strace
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_a_cut_at_any_point_is_harmless(path: Path, start: Start, tmp_path: Path, call: str) -> None:
    last = visits(path, 2, 150)
    before = summaries(path)
    upto = []
    for moment in (*range(1, 5), *range(6, 30, 5)):
        copy = tmp_path / f"{call}-{moment}"
        shutil.copytree(path.parent, copy)
        trace = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}")
        killing = (*trace, "-e", f"inject={call}:signal=KILL:when={moment}")
        start("prune", copy / path.name, last, LATER_MS, before=killing).communicate(timeout=60)
        reader = AnswersReader(copy / path.name)
        upto.append(reader.pruned_upto())
        assert summaries(copy / path.name) == before
        assert reader.answers(upto[-1] + 1, 1_000).spoiled == ()

    assert len(set(upto)) > 1


def test_a_press_waits_for_no_pruning(path: Path, start: Start) -> None:
    assert start("fill", path, 20_000).wait(60) == 0
    clock = FakeClock("later", LATER_MS, known=True)
    recorder = night(path, Central(20_000), clock)
    customer, waits, reader = Customer(), [], AnswersReader(path)
    while reader.pruned_upto() < 19_000:
        time.sleep(0.05)
        began = time.perf_counter()
        customer.puts(recorder, press(Rating.GOOD))
        waits.append(time.perf_counter() - began)
    recorder.stop()
    waits.sort()
    print(f"{len(waits)} presses: p50 {waits[len(waits) // 2]:.4f} s, longest {waits[-1]:.4f} s")

    assert waits[len(waits) * 9 // 10] < 0.05


def test_rules_agree_on_both_sides_of_a_cut(path: Path) -> None:
    visits(path, 1, 150, 7)
    presses = AnswersReader(path).rating_presses()
    upto = pruned(path, Central(200), upto=100)

    assert [one for one in presses if one.seq > upto] == AnswersReader(path).rating_presses()
    first: RatingPress = next(one for one in presses if one.seq > upto)
    earlier = next(one for one in reversed(presses) if one.seq <= upto)
    assert earlier.boot != first.boot or first.boot_ms - earlier.boot_ms > 5_000
