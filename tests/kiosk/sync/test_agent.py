"""The agent over real HTTP on loopback with real files: every answer once, whatever is lost or repeated."""

from __future__ import annotations

from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import StandIn, lost


def test_a_backlog_drains_in_several_requests(kiosk: Kiosk, central: StandIn) -> None:
    kiosk.record_ratings(12_000)
    agent = kiosk.agent()

    kiosk.drained(agent)

    assert 12_000 == len(central.stored)
    assert 0 == central.twice
    assert (12_000, 12_000) == (agent.link.stores[0].cursor, agent.link.stores[0].accounted_upto)
    assert len([one for one in central.syncs if one.count]) <= 5


def test_a_lost_reply_makes_duplicates_on_the_wire_and_none_in_the_count(
    kiosk: Kiosk, central: StandIn
) -> None:
    kiosk.record_ratings(300)
    agent = kiosk.agent()
    central.faults = [lost, lost]

    kiosk.drained(agent)

    assert 300 == len(central.stored)
    assert central.twice >= 300
    assert 300 == agent.link.stores[0].cursor
