"""What the machine says of the time, and what is believed of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from feedback.answers import Anchor, Moment
from kiosk.clock import Kept, KernelClock, chip_anchor, kept

NOON_MS = 1_790_000_000_000
MINUTE_MS, DAY_MS = 60_000, 86_400_000
NOW = Moment("now", 5_000, 0)


def nobody() -> Kept | None:
    """A kernel whose wall clock nobody keeps."""
    return None


def ntp(boot: str, boot_ms: int, utc_ms: int, error_ms: int = 120) -> Anchor:
    return Anchor(boot, boot_ms, utc_ms, "ntp", error_ms)


def vouching(boot: str = "earlier", utc_ms: int = NOON_MS) -> list[Anchor]:
    """A boot whose clock was kept for long enough that the kernel has set the chip."""
    return [ntp(boot, MINUTE_MS, utc_ms - 20 * MINUTE_MS), ntp(boot, 21 * MINUTE_MS, utc_ms)]


def test_a_clock_that_nobody_set_is_no_anchor(tmp_path: Path) -> None:
    assert KernelClock(nobody, tmp_path / "mark", tmp_path / "chip").anchor() is None


def test_the_kernel_says_itself_how_far_off_its_clock_may_be(tmp_path: Path) -> None:
    """On top of that comes the way to the server, which timesyncd does not tell it."""
    anchor = KernelClock(lambda: Kept(NOON_MS, 250), tmp_path / "mark").anchor()

    assert anchor is not None
    assert (NOON_MS, "ntp") == (anchor.utc_ms, anchor.source)
    assert 350 <= anchor.error_ms < 1_000


def test_the_longer_ago_timesyncd_set_the_clock_the_less_it_is_believed(tmp_path: Path) -> None:
    """Its mark stays when the network goes; what is claimed of the clock grows by 500 ppm."""
    mark = tmp_path / "mark"
    mark.touch()
    fresh = KernelClock(nobody, mark).anchor()
    hours_ago = time.time() - 10 * 3_600
    os.utime(mark, (hours_ago, hours_ago))
    stale = KernelClock(nobody, mark).anchor()

    assert fresh is not None
    assert 100 <= fresh.error_ms <= 110
    assert stale is not None
    assert 18_100 <= stale.error_ms <= 18_110


def test_this_machines_kernel_can_be_asked() -> None:
    """Whether somebody keeps its clock or not: it is an answer."""
    said = kept()

    assert said is None or abs(said.utc_ms - time.time() * 1_000) < 60_000


def test_the_boot_clock_never_goes_back_and_keeps_pace() -> None:
    clock = KernelClock(nobody)
    began = time.monotonic_ns()
    read = [clock.moment().boot_ms for _ in range(2_000)]
    took_ms = (time.monotonic_ns() - began) // 1_000_000

    assert read == sorted(read)
    assert abs(read[-1] - read[0] - took_ms) <= 2
    assert abs(read[0] - time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000) < DAY_MS


@pytest.mark.parametrize("said", ["", "soon\n"])
def test_a_chip_that_says_no_second_is_none(tmp_path: Path, said: str) -> None:
    chip = tmp_path / "since_epoch"
    assert KernelClock(nobody, chip=chip).chip() is None
    chip.write_text(said)
    assert KernelClock(nobody, chip=chip).chip() is None


def test_a_chip_is_read_in_whole_seconds(tmp_path: Path) -> None:
    chip = tmp_path / "since_epoch"
    chip.write_text("1790000000\n")
    clock = KernelClock(nobody, chip=chip)
    said = clock.chip()

    assert said is not None
    assert 1_790_000_000 == said[1]
    assert 0 <= clock.moment().boot_ms - said[0].boot_ms < 1_000


def test_a_chip_that_an_earlier_boot_vouches_for_is_an_anchor() -> None:
    """Right to 1.5 s, and 500 ppm of the time since the kernel must have set it, and what the voucher erred."""
    anchor = chip_anchor(NOW, NOON_MS // 1_000 + 86_400, vouching())

    ran_ms = DAY_MS + 500 + 12 * MINUTE_MS
    error_ms = 1_500 + -(-ran_ms // 2_000) + 120
    assert Anchor("now", 5_000, NOON_MS + DAY_MS + 500, "rtc", error_ms) == anchor


def test_the_last_boot_that_set_the_chip_vouches_for_it() -> None:
    known = [*vouching("long ago", NOON_MS - 90 * DAY_MS), *vouching()]

    assert chip_anchor(NOW, NOON_MS // 1_000 + 5, known) == chip_anchor(NOW, NOON_MS // 1_000 + 5, vouching())


@pytest.mark.parametrize(
    "known",
    [
        pytest.param([], id="nobody"),
        pytest.param(vouching("now"), id="this boot itself"),
        pytest.param(vouching()[:1], id="a boot that was cut before the kernel set the chip"),
        pytest.param(
            [Anchor("earlier", at, NOON_MS + at, "central", 50) for at in (0, DAY_MS)], id="central"
        ),
        pytest.param(vouching(utc_ms=NOON_MS + DAY_MS), id="one that knows a later time"),
    ],
)
def test_a_chip_is_not_believed_on_the_word_of(known: list[Anchor]) -> None:
    """A chip whose cell was empty says something, too."""
    assert chip_anchor(NOW, NOON_MS // 1_000 + 60, known) is None
