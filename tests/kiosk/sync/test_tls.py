"""TLS with a clock that may say anything: chain, name and dates are checked, the dates by the signed time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from feedback.errors import LinkError
from kiosk.settings import CentralAddress
from kiosk.sync.agent import Agent
from kiosk.sync.enrolment import enrol
from kiosk.sync.line import Line, Patience
from kiosk.sync.trip import Central, Trips
from tests.kiosk.sync.certificates import DAY, NOW, Authority, secured
from tests.kiosk.sync.kit import Kiosk, settings_for
from tests.kiosk.sync.standin import NOW_MS, StandIn, serving

TO_1970_MS = -NOW_MS
TO_2099_MS = 2_300_000_000_000
CLOCKS = pytest.mark.parametrize("wrong_ms", [0, TO_1970_MS, TO_2099_MS], ids=["right", "1970", "2099"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def kiosk(tmp_path: Path, central: StandIn) -> Iterator[Kiosk]:
    """Enrolled without TLS; each test says how central is reached from then on."""
    kiosk = Kiosk(settings_for(tmp_path, central), central)
    kiosk.enrol()
    kiosk.record_ratings(1)
    yield kiosk
    for agent in kiosk.agents:
        agent.close()


def agent_of(kiosk: Kiosk, central: StandIn, authority: Authority | None) -> Agent:
    settings = replace(kiosk.settings, central=CentralAddress(central.url, central.fingerprint))
    line = Line(Patience(5, 5, 8), authority.file if authority else None)
    agent = Agent(settings, kiosk.clock, line=line, chance=lambda: 0.5, splay_ms=0)
    kiosk.agents.append(agent)
    return agent


def run(kiosk: Kiosk, agent: Agent, most: int = 4) -> None:
    for _ in range(most):
        kiosk.clock.boot_ms += int(agent.step() * 1_000) + 60_000


@CLOCKS
def test_answers_go_out_whatever_the_clock_says(
    kiosk: Kiosk, central: StandIn, authority: Authority, wrong_ms: int
) -> None:
    kiosk.clock.wrong_ms = wrong_ms
    with secured(central, authority.signed(NOW - DAY, NOW + DAY)):
        agent = agent_of(kiosk, central, authority)
        run(kiosk, agent)

    assert 1 == len(central.stored), agent.link.trouble
    assert "central" in {anchor.source for anchor in central.anchors}


@CLOCKS
@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (NOW - 9 * DAY, NOW - 2 * DAY, "ended on"),
        (NOW + 2 * DAY, NOW + 9 * DAY, "begins on"),
    ],
    ids=["expired", "not yet valid"],
)
def test_a_certificate_out_of_its_dates_is_refused_by_the_signed_time(
    kiosk: Kiosk,
    central: StandIn,
    authority: Authority,
    begins: datetime,
    ends: datetime,
    words: str,
    wrong_ms: int,
) -> None:
    """
    Also where the wall clock stands inside the certificate's dates: by the signed time it is over.
    """
    kiosk.clock.wrong_ms = wrong_ms
    with secured(central, authority.signed(begins, ends)):
        agent = agent_of(kiosk, central, authority)
        run(kiosk, agent, 2)

    refused(agent, central, words)


def test_a_clock_set_back_into_the_dates_of_an_old_certificate_does_not_make_it_good(
    kiosk: Kiosk, central: StandIn, authority: Authority
) -> None:
    kiosk.clock.wrong_ms = -5 * 86_400_000
    with secured(central, authority.signed(NOW - 9 * DAY, NOW - 2 * DAY)):
        agent = agent_of(kiosk, central, authority)
        run(kiosk, agent, 2)

    refused(agent, central, "ended on")


def test_an_authority_out_of_its_dates_is_refused(kiosk: Kiosk, central: StandIn, tmp_path: Path) -> None:
    old = Authority(tmp_path / "old", ends=NOW - 2 * DAY)
    with secured(central, old.signed(NOW - DAY, NOW + DAY)):
        agent = agent_of(kiosk, central, old)
        run(kiosk, agent, 2)

    refused(agent, central, "ended on")


@CLOCKS
def test_a_certificate_for_another_name_is_refused(
    kiosk: Kiosk, central: StandIn, authority: Authority, wrong_ms: int
) -> None:
    kiosk.clock.wrong_ms = wrong_ms
    with secured(central, authority.signed(NOW - DAY, NOW + DAY, "central.example")):
        agent = agent_of(kiosk, central, authority)
        run(kiosk, agent, 2)

    refused(agent, central, "another name than central's")


@CLOCKS
def test_a_certificate_by_nobody_known_is_refused(
    kiosk: Kiosk, central: StandIn, authority: Authority, wrong_ms: int
) -> None:
    kiosk.clock.wrong_ms = wrong_ms
    with secured(central, authority.signed(NOW - DAY, NOW + DAY)):
        agent = agent_of(kiosk, central, None)
        run(kiosk, agent, 2)

    refused(agent, central, "by nobody this kiosk knows")


def test_a_good_certificate_does_not_make_another_server_central(
    kiosk: Kiosk, central: StandIn, authority: Authority
) -> None:
    other = StandIn(device=central.device)
    with secured(other, authority.signed(NOW - DAY, NOW + DAY)):
        agent = agent_of(kiosk, other, authority)
        run(kiosk, agent, 2)

    assert not other.final or agent.link.failures
    assert "does not carry central's signature" in agent.link.trouble


def refused(agent: Agent, central: StandIn, words: str) -> None:
    """Nothing was handed over, and a technician reads one sentence with these *words*."""
    assert not central.syncs
    assert words in agent.link.trouble
    assert "\n" not in agent.link.trouble


def trips(kiosk: Kiosk, central: Central, line: Line) -> Trips:
    from kiosk.sync.enrolment import enrolled

    return Trips(central, enrolled(kiosk.settings)[0], kiosk.clock, line)


def test_the_time_is_told_over_plain_http_where_tls_does_not_work(kiosk: Kiosk, central: StandIn) -> None:
    from kiosk.sync.enrolment import enrolled

    with serving(StandIn(key=central.key)) as plain:
        port = int(plain.url.rsplit(":", 1)[1])
        at = Central("https://localhost:9", enrolled(kiosk.settings)[1], port)
        anchor = trips(kiosk, at, Line(kiosk.patience)).time()

    assert (plain.now_ms, "central") == (anchor.utc_ms, anchor.source)


def test_the_time_of_a_stranger_is_not_believed_on_either_way(kiosk: Kiosk, central: StandIn) -> None:
    from kiosk.sync.enrolment import enrolled

    with serving(StandIn()) as stranger:
        port = int(stranger.url.rsplit(":", 1)[1])
        at = Central("https://localhost:9", enrolled(kiosk.settings)[1], port)
        with pytest.raises(LinkError, match="signature"):
            trips(kiosk, at, Line(kiosk.patience)).time()


def test_a_line_that_was_not_checked_carries_nothing_else(
    kiosk: Kiosk, central: StandIn, authority: Authority
) -> None:
    """
    The connection on which the time was asked is not kept for what comes next.
    """
    from kiosk.sync.enrolment import enrolled

    with secured(central, authority.signed(NOW - 9 * DAY, NOW - 2 * DAY)):
        line = Line(kiosk.patience, authority.file)
        line.utc_ms = lambda: NOW_MS
        asked = trips(kiosk, Central(central.url, enrolled(kiosk.settings)[1]), line)

        assert central.now_ms == asked.time().utc_ms
        assert "ended on" in asked.sync(b"{}", 1, 0, packed=False).reason  # type: ignore[union-attr]
        line.hang_up()


@pytest.mark.parametrize("wrong_ms", [TO_1970_MS, TO_2099_MS], ids=["1970", "2099"])
def test_a_kiosk_with_a_wrong_clock_enrols_over_tls(
    tmp_path: Path, central: StandIn, authority: Authority, wrong_ms: int
) -> None:
    wrong: Callable[[], int] = lambda: NOW_MS + wrong_ms  # noqa: E731
    with secured(central, authority.signed(NOW - DAY, NOW + DAY)):
        line = Line(Patience(5, 5, 8), authority.file)
        line.utc_ms = wrong
        assert not enrol(settings_for(tmp_path / "card", central), central.code, line=line).pending


def test_an_enrolment_with_an_expired_certificate_is_refused(
    tmp_path: Path, central: StandIn, authority: Authority
) -> None:
    with secured(central, authority.signed(NOW - 9 * DAY, NOW - 2 * DAY)):
        line = Line(Patience(5, 5, 8), authority.file)
        line.utc_ms = lambda: NOW_MS - 5 * 86_400_000
        with pytest.raises(LinkError, match="ended on"):
            enrol(settings_for(tmp_path / "card", central), central.code, line=line)
    assert not central.device
