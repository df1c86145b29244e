"""A central of its own for each test: made once, copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from central.access import add_read_key, set_password
from central.keys import make_keys
from central.store import tables
from central.store.database import make_store, writing
from tests.central.device import Central, Device, serving

PASSWORD, READ_KEY = "password", "read key"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A data folder with two branches, and what opens it."""
    folder = tmp_path_factory.mktemp("made") / "central"
    store = make_store(folder)
    make_keys(folder)
    with writing(store) as connection:
        secrets = {PASSWORD: set_password(connection), READ_KEY: add_read_key(connection, "first")}
        for branch, zone in (("b12", "Asia/Baku"), ("b13", "America/New_York")):
            connection.execute(insert(tables.branches).values(id=branch, name=f"Branch {branch}", zone=zone))
    store.dispose()
    return folder, secrets


@pytest.fixture
def folder(made: tuple[Path, dict[str, str]], tmp_path: Path) -> Path:
    """A data folder of this test's own."""
    shutil.copytree(made[0], tmp_path / "central")
    return tmp_path / "central"


@pytest.fixture
def password(made: tuple[Path, dict[str, str]]) -> str:
    """The owner's."""
    return made[1][PASSWORD]


@pytest.fixture
def read_key(made: tuple[Path, dict[str, str]]) -> str:
    """A read key."""
    return made[1][READ_KEY]


@pytest.fixture
def central(folder: Path) -> Iterator[Central]:
    """Central, being served."""
    with serving(folder) as running:
        yield running


@pytest.fixture
def device(central: Central) -> Device:
    """A kiosk enrolled at the exit of branch b12."""
    return central.enrolled()
