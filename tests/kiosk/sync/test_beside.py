"""Answers and documents never wait for each other: over real HTTP, each while the other hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kiosk.documents import file_of
from kiosk.sync.agent import Agent
from tests.kiosk.sync.kit import Kiosk
from tests.kiosk.sync.standin import Asked, Given, StandIn
from tests.kiosk.sync.test_documents import SETTINGS, held, survey

DEADLINE_S = 20


class Gate:
    """Holds whoever comes to it until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def hold(self) -> None:
        self.reached.set()
        assert self.opened.wait(DEADLINE_S)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


@pytest.fixture
def agent(kiosk: Kiosk) -> Agent:
    """As in the product: documents have a thread and a connection of their own."""
    kiosk.record([])
    return kiosk.agent(beside=True)


def until(agent: Agent, kiosk: Kiosk, holds: Callable[[], bool]) -> None:
    """Let *agent* step until something holds."""
    ends = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < ends
        kiosk.clock.boot_ms += int(min(agent.step(), 300) * 1_000) + 1
        time.sleep(0.005)


def test_a_document_that_never_arrives_delays_no_answer(
    kiosk: Kiosk, agent: Agent, central: StandIn, gate: Gate
) -> None:
    """Its request hangs all the while; a press is handed over, and the heartbeat goes on."""
    honest = central._document

    def hanging(asked: Asked, name: str) -> Given:
        gate.hold()
        return honest(asked, name)

    central._document = hanging  # type: ignore[method-assign]
    central.documents = {"survey": (4, survey(4))}
    agent.step()
    assert gate.reached.wait(DEADLINE_S)

    kiosk.record_ratings(250)
    until(agent, kiosk, lambda: len(central.stored) == 250)
    assert b"" == held(kiosk)

    gate.opened.set()
    until(agent, kiosk, lambda: agent.link.document("survey").held_version == 4)
    assert survey(4) == held(kiosk)


def test_a_document_that_drips_in_delays_no_answer_and_is_given_up(kiosk: Kiosk, central: StandIn) -> None:
    """More is promised than ever comes: the whole trip has an end, the answers do not wait for it."""
    kiosk.record([])
    agent = kiosk.agent(beside=True)
    honest = central._document

    def dripping(asked: Asked, name: str) -> Given:
        given = honest(asked, name)
        given.declared = len(given.body) + 100_000
        return given

    central._document = dripping  # type: ignore[method-assign]
    central.documents = {"survey": (4, survey(4))}
    agent.step()
    kiosk.record_ratings(20)

    until(agent, kiosk, lambda: bool(agent.link.document("survey").trouble))

    assert 20 == len(central.stored)
    assert "cut short" in agent.link.document("survey").trouble


def test_an_upload_that_hangs_keeps_no_document_away(
    kiosk: Kiosk, agent: Agent, central: StandIn, gate: Gate
) -> None:
    """The survey is put in place while the request with the answers is still out."""
    central.documents = {"survey": (4, survey(4)), "settings": (1, SETTINGS)}

    def hanging(asked: Asked, given: Given) -> None:
        if not given.status:
            gate.hold()

    honest = central._document

    def waited_for(asked: Asked, name: str) -> Given:
        # The documents are under way before the answers hang, and arrive only then.
        assert gate.reached.wait(DEADLINE_S)
        return honest(asked, name)

    central._document = waited_for  # type: ignore[method-assign]
    agent.step()
    kiosk.record_ratings(3)
    central.always = hanging
    uploading = threading.Thread(target=lambda: until(agent, kiosk, lambda: len(central.stored) == 3))
    uploading.start()

    ends = time.monotonic() + DEADLINE_S
    while not all(file_of(kiosk.settings.documents, name).exists() for name in central.documents):
        assert time.monotonic() < ends
        time.sleep(0.005)
    assert not central.stored
    assert survey(4) == held(kiosk)

    gate.opened.set()
    uploading.join(DEADLINE_S)
    assert 3 == len(central.stored)


def test_an_agent_that_is_told_to_stop_does_not_wait_for_a_document(
    kiosk: Kiosk, agent: Agent, central: StandIn, gate: Gate
) -> None:
    central._document = lambda asked, name: (gate.hold(), central.refused(404, name, asked.nonce))[1]  # type: ignore[method-assign]
    central.documents = {"survey": (4, survey(4))}
    agent.step()
    assert gate.reached.wait(DEADLINE_S)

    began = time.monotonic()
    agent.close()
    kiosk.agents.clear()

    assert time.monotonic() - began < 2
