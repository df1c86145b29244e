"""A stand-in for central that serves for one test, and a kiosk enrolled with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.sync.kit import Kiosk, settings_for
from tests.kiosk.sync.standin import StandIn, serving


@pytest.fixture
def central() -> Iterator[StandIn]:
    with serving(StandIn()) as running:
        yield running


@pytest.fixture
def kiosk(tmp_path: Path, central: StandIn) -> Iterator[Kiosk]:
    kiosk = Kiosk(settings_for(tmp_path, central), central)
    kiosk.enrol()
    yield kiosk
    for agent in kiosk.agents:
        agent.close()
