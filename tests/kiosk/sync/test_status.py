"""What ``kiosk status`` says of the link to central, to a technician who has never heard of it."""

from __future__ import annotations

from datetime import UTC, datetime

from feedback import wire
from feedback.answers import Answer
from kiosk.status import Status, sentences, status
from kiosk.storage.checkup import Verdict, checkup
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import NOW_MS, StandIn, refuses, says
from tests.kiosk.sync.test_documents import SETTINGS, survey


def said(found: Status) -> list[str]:
    return [line for line in sentences(found) if not line.startswith("noted")]


def at(utc_ms: int) -> str:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def test_a_kiosk_in_touch_says_when_and_that_nothing_waits(kiosk: Kiosk) -> None:
    kiosk.record_ratings(5)
    kiosk.drained(kiosk.agent())

    lines = said(status(kiosk.settings, kiosk.clock))

    assert lines[0] == "kiosk k-1: 5 answers stored, 0 waiting to be sent"
    assert f"central last acknowledged: {at(NOW_MS)}" in lines
    assert "no trouble" in lines


def test_a_refusal_is_said_with_its_reason_while_it_lasts_and_after(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(5)
    agent = kiosk.agent()
    central.faults = [refuses(central, 403), refuses(central, 403)]
    agent.step()
    kiosk.clock.boot_ms = agent.link.not_before_ms
    agent.step()

    while_it_lasts = status(kiosk.settings, kiosk.clock)
    last_ms = NOW_MS + kiosk.clock.boot_ms
    kiosk.clock.boot_ms = agent.link.not_before_ms
    kiosk.drained(agent)
    after = status(kiosk.settings, kiosk.clock)

    assert (5, 2) == (while_it_lasts.waiting, while_it_lasts.attempts)
    assert (
        f"trouble: central refused (403): not like this (2 times in a row, the last time {at(last_ms)} "
        "by this kiosk's clock)"
    ) in said(while_it_lasts)
    assert ("", 0) == (after.trouble, after.waiting)
    assert (
        f"no trouble now; before that: central refused (403): not like this, the last time {at(last_ms)} "
        "by this kiosk's clock"
    ) in said(after)


def test_what_central_does_not_count_is_said(kiosk: Kiosk, central: StandIn) -> None:
    def judge(answer: Answer) -> tuple[wire.State, str]:
        states = {3: wire.State.REJECTED, 4: wire.State.REJECTED, 6: wire.State.HELD}
        return states.get(answer.seq, wire.State.STORED), "of no branch"

    kiosk.record_ratings(6)
    central.judge = judge
    kiosk.drained(kiosk.agent())

    lines = said(status(kiosk.settings, kiosk.clock))

    assert "central does not count 2 answers: rejected (of no branch)" in lines
    assert "central does not count 1 answer: not yet, kept there until it can (of no branch)" in lines


def test_the_doctor_warns_of_what_was_rejected(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(6)
    central.judge = lambda answer: (
        (wire.State.REJECTED, "of no branch") if answer.seq == 3 else (wire.State.STORED, "")
    )
    kiosk.drained(kiosk.agent())

    found = [check for check in checkup(kiosk.settings) if check.name == "central"]

    assert [
        (Verdict.WARNING, "1 answer is kept here and not counted by central: rejected (of no branch)")
    ] == [(check.verdict, check.sentence) for check in found]


def test_each_document_s_version_is_said_and_why_a_newer_one_is_not_taken(
    kiosk: Kiosk, central: StandIn
) -> None:
    kiosk.record_ratings(1)
    agent = kiosk.agent()
    central.documents = {"survey": (4, survey(4)), "settings": (1, SETTINGS)}
    kiosk.drained(agent)
    central.documents["survey"] = (5, survey(5, questions=[]))
    kiosk.clock.boot_ms += 300_000
    agent.step()

    lines = said(status(kiosk.settings, kiosk.clock))

    assert any(
        line.startswith("survey: version 4; version 5 is not taken: survey version 5: questions")
        for line in lines
    )
    assert "settings: version 1" in lines
    assert "to do: if that lasts, publish the survey at central once more, mended" in lines
    assert ["survey", 4, "settings", 1] == central.syncs[-1].status["held"]


def test_a_refused_kiosk_and_one_without_a_network_are_told_what_to_do(
    kiosk: Kiosk, central: StandIn
) -> None:
    kiosk.record_ratings(1)
    agent = kiosk.agent()
    central.faults = [refuses(central, 401), says(502)]
    agent.step()
    refused = said(status(kiosk.settings, kiosk.clock))
    kiosk.clock.boot_ms = agent.link.not_before_ms
    agent.step()
    cut_off = said(status(kiosk.settings, kiosk.clock))

    assert any("enrol it again with a new code" in line for line in refused)
    assert any(line.startswith("to do: check the network") for line in cut_off)


def test_a_clock_that_is_wrong_is_said_once_the_time_is_known(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(1)
    unknown = said(status(kiosk.settings, kiosk.clock))
    kiosk.clock.wrong_ms = -3 * 365 * 86_400_000
    central.now_ms = NOW_MS + kiosk.clock.boot_ms
    kiosk.drained(kiosk.agent())
    kiosk.clock.boot_ms += 300_000
    central.now_ms = NOW_MS + kiosk.clock.boot_ms
    kiosk.agents[-1].step()

    known = said(status(kiosk.settings, kiosk.clock))

    assert any(line.startswith("this kiosk does not know the time") for line in unknown)
    assert any("clock is 3 years behind" in line for line in known)
    assert abs(central.syncs[-1].status["clock_off_s"] + 3 * 365 * 86_400) < 5
