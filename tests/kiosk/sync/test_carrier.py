"""A network that comes up may shorten one wait, and no more than that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import wire
from kiosk.storage.link_state import Link
from kiosk.sync import plan
from kiosk.sync.agent import Agent
from kiosk.sync.carrier import Carrier
from kiosk.sync.steps import NoNetwork, Refused, Result, Send, Sent
from tests.kiosk.sync.kit import Kiosk

STORE = b"s" * 16
SENT = Sent(Send(STORE, 1, 1), 1, 100, packed=True, bare=False, last_seq=9)
CUT_OFF = NoNetwork("no network")


def waiting_after(result: Result) -> Link:
    """Since the boot clock was at 0, with the longest wait that this result brings."""
    return plan.after(Link(heard_ms=0, failures=9), SENT, result, 0, 1.0)


@given(st.floats(0, 1), st.integers(0, 800_000))
def test_a_network_that_comes_up_ends_the_wait_within_two_minutes(chance: float, now_ms: int) -> None:
    link = plan.network_came_up(waiting_after(CUT_OFF), now_ms, chance)

    assert link.not_before_ms <= min(900_000, now_ms + 120_000)
    assert link.failures == 10


def test_it_does_so_once_however_often_it_comes_and_goes() -> None:
    once = plan.network_came_up(waiting_after(CUT_OFF), 1_000, 0.9)

    assert once == plan.network_came_up(once, 2_000, 0.0)
    again = plan.after(once, SENT, CUT_OFF, 110_000, 1.0)
    assert plan.network_came_up(again, 111_000, 0.5).not_before_ms == 171_000


@pytest.mark.parametrize(
    "result",
    [
        Refused(429, wire.Refusal("busy", "later"), 3_600),
        Refused(403, wire.Refusal("not accepted", "enrol it")),
        NoNetwork("a portal", 200),
        NoNetwork("a proxy", 503, 600),
    ],
)
def test_who_was_answered_waits_as_long_as_that_means(result: Result) -> None:
    link = waiting_after(result)

    assert link == plan.network_came_up(link, 1_000, 0.0)


def test_after_a_boot_the_kiosks_of_a_mall_still_spread() -> None:
    link = plan.begun(replace(Link(), cut_off=True), "new", 0, 100_000)

    assert link == plan.network_came_up(link, 1_000, 0.0)


@pytest.fixture
def interfaces(tmp_path: Path) -> Path:
    for name, state in (("lo", "unknown"), ("eth0", "down"), ("wlan0", "dormant")):
        (tmp_path / "net" / name).mkdir(parents=True)
        (tmp_path / "net" / name / "operstate").write_text(f"{state}\n")
    return tmp_path / "net"


def test_a_cable_put_in_and_a_modem_that_dials_are_seen_once(interfaces: Path) -> None:
    carrier = Carrier(interfaces)
    assert not carrier.came_up()

    (interfaces / "eth0" / "operstate").write_text("up\n")
    assert (True, False) == (carrier.came_up(), carrier.came_up())
    (interfaces / "ppp0").mkdir()
    assert not carrier.came_up()
    (interfaces / "ppp0" / "operstate").write_text("unknown\n")
    assert carrier.came_up()


def test_a_cable_pulled_is_no_network_that_comes_up(interfaces: Path) -> None:
    (interfaces / "eth0" / "operstate").write_text("up\n")
    carrier = Carrier(interfaces)

    (interfaces / "eth0" / "operstate").write_text("down\n")

    assert not carrier.came_up()


def test_the_agent_wakes_when_the_cable_is_put_in(kiosk: Kiosk, interfaces: Path) -> None:
    """It would sleep for minutes more."""
    kiosk.record_ratings(1)
    nowhere = replace(kiosk.settings, central=replace(kiosk.settings.central, url="http://127.0.0.1:9"))
    agent = Agent(nowhere, kiosk.clock, chance=lambda: 0.5, splay_ms=0, carrier=Carrier(interfaces))
    kiosk.agents.append(agent)
    while (wait_s := agent.step()) < 200:
        kiosk.clock.boot_ms += int(wait_s * 1_000)

    def alive(_: str) -> None:
        (interfaces / "eth0" / "operstate").write_text("up\n")

    agent._idle(wait_s, Event(), alive)

    assert 60 == agent.step()
    assert 2 < agent.link.failures
